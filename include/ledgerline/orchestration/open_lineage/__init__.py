"""OpenLineage: what tasks and models read and write, and which columns make which.

Airflow's provider sends an event when a task starts and ends; `FlowExtractor` adds what
the task reads and writes. `emit_models` adds an event for each dbt model and test, with
the lineage of each column. Where they go is `[openlineage] transport`.
"""
