"""Land and fold what waits, hand each event to its handlers, ask for a build.

Runs when events or messages arrive, after postings, and as a sweep for what waits for
its time or for another try. One build serves all events that wait when it begins.
If it fails: what was not handled stays queued in ops.event_delivery; a re-run is always
safe. Follow docs/runbooks/handler_stuck.md.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
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
    @task.short_circuit
    def set_in_motion():
        from ledgerline.orchestration import flows

        return flows.handle_events()

    set_in_motion() >> TriggerDagRunOperator(
        task_id="request_build", trigger_dag_id="build_warehouse"
    )


handle_events()
