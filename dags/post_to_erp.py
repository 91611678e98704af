"""Send what the newest publication asks for to the ERP, each document once.

Runs on every publication, and as a sweep for entries that wait for their quiet time.
If it fails: the truth is in post.entry, not in this task; a re-run is always safe.
Follow docs/runbooks/posting_stuck.md.
"""

from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from ledgerline.orchestration.assets import POSTED_LEDGER, PUBLICATION
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/15 * * * *", timezone="UTC"),
        assets=[PUBLICATION],
    ),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.POSTING],
    doc_md=__doc__,
)
def post_to_erp():
    @task(outlets=[POSTED_LEDGER])
    def post_entries():
        from ledgerline.orchestration import flows

        return flows.post_entries()

    post_entries()


post_to_erp()
