"""Write the board pack of the newest month that is over, from what readers see now.

Runs after every reconciliation, so that the pack can say what of it is in the ERP;
it reads the reader views, which hold nothing that did not pass the gate.
If it fails: the pack of before stays where it is, and nothing else waits for it.
Follow docs/runbooks/board_pack_missing.md.
"""

from airflow.sdk import dag, task

from ledgerline.orchestration.assets import RECONCILIATION
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=[RECONCILIATION],
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.BOARD_PACK],
    doc_md=__doc__,
)
def write_board_pack():
    @task
    def write_pack():
        from ledgerline.orchestration import flows

        return flows.write_pack()

    write_pack()


write_board_pack()
