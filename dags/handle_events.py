"""Land and fold what waits, and hand each event to its handlers.

Runs when events or messages arrive, after postings, and as a sweep for what waits for
its time or for another try.
If it fails: what was not handled stays queued in ops.event_delivery; a re-run is always
safe. Follow docs/runbooks/handler_stuck.md.
"""

from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from ledgerline.orchestration.assets import EVENTS, POSTED_LEDGER
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
        assets=EVENTS | POSTED_LEDGER,
    ),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.EVENTS],
    doc_md=__doc__,
)
def handle_events():
    @task
    def set_in_motion():
        from ledgerline.orchestration import flows

        return flows.handle_events()

    set_in_motion()


handle_events()
