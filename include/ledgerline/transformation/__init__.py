"""Run the dbt project, one build stage at a time, in this process."""
