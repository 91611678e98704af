"""The workflow-health page in Airflow's UI: what waits, and two buttons."""

PREFIX = "/ledgerline/v1"
VERSION = "1.1"
OWNER = "data-engineering"
PROMISE = "Within /v1 nothing is taken away and nothing new is demanded."
