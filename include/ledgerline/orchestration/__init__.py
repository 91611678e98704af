"""When things happen: Airflow's side of every flow, and nothing else."""
