"""Tell people what is overdue, blocked or different: when it starts, when it ends.

A target that is down does not fail the task: the message waits and is tried again.
If it fails: follow docs/runbooks/alert_not_sent.md; a re-run is always safe.
"""

from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from ledgerline.orchestration.assets import RECONCILIATION
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
        assets=[RECONCILIATION],
    ),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.ALERTS],
    doc_md=__doc__,
)
def send_alerts():
    @task
    def send():
        from ledgerline.orchestration import flows

        flows.send_alerts()

    send()


send_alerts()
