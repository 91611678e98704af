"""Land the shifts of the scheduling system.

If it fails: a re-run continues at the last page that was committed.
Follow docs/runbooks/source_unavailable.md.
"""

from airflow.sdk import dag, task

from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule="0 4 * * *",
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.EXTRACT],
    doc_md=__doc__,
)
def extract_scheduling():
    @task
    def land_shifts():
        from ledgerline.orchestration import flows

        return flows.extract("scheduling_shifts")

    land_shifts()


extract_scheduling()
