"""Compare warehouse, outbox, ledger and ERP to the cent.

If it fails or reports breaks: follow docs/runbooks/reconciliation_break.md.
"""

from airflow.sdk import dag, task

from ledgerline.orchestration.assets import POSTED_LEDGER, RECONCILIATION
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=[POSTED_LEDGER],
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.RECONCILIATION],
    doc_md=__doc__,
)
def reconcile_ledgers():
    @task(outlets=[RECONCILIATION])
    def reconcile():
        from ledgerline.orchestration import flows

        flows.reconcile_ledgers()

    reconcile()


reconcile_ledgers()
