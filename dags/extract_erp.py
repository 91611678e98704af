"""Land what the ERP offers, bytes first, then records.

If it fails: nothing is half-landed; a re-run continues where this one stopped.
Follow docs/runbooks/source_unavailable.md.
"""

from airflow.sdk import dag, task

from ledgerline.orchestration.assets import RAW_ERP
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
def extract_erp():
    @task(outlets=[RAW_ERP])
    def land_erp():
        from ledgerline.orchestration import flows

        return flows.extract_erp()

    land_erp()


extract_erp()
