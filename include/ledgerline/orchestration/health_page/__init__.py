"""The workflow-health page in Airflow's UI: what waits, and two buttons."""

PREFIX = "/ledgerline/v1"
