"""An increment run from the statements that dbt compiled for one before."""
