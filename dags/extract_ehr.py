"""Land what the EHR offers, bytes first, then records.

If it fails: nothing is half-landed; a re-run continues where this one stopped.
Follow docs/runbooks/source_unavailable.md.
"""

from airflow.sdk import dag, task

from ledgerline.orchestration.assets import EVENTS, RAW_EHR
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
def extract_ehr():
    @task(outlets=[RAW_EHR, EVENTS])
    def land_ehr():
        from ledgerline.orchestration import flows

        return flows.extract_ehr()

    land_ehr()


extract_ehr()
