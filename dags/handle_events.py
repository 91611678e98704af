"""Land and fold what waits, hand each event to its handlers, take it to the ledger.

Runs when events or messages arrive, after postings, and as a sweep for what waits for
its time or for another try. With increments it builds, judges, publishes and posts what
events wait for; while a run of build_warehouse is under way it asks for one more.
If it fails: what was not handled stays queued in ops.event_delivery; a re-run is always
safe. Follow docs/runbooks/handler_stuck.md, and where the gate blocked
docs/runbooks/gate_closed.md.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from ledgerline.orchestration.assets import (
    EVENT_PUBLICATION,
    EVENTS,
    POSTED_LEDGER,
    PUBLICATION,
)
from ledgerline.orchestration.policy import OPEN, START, TASK_DEFAULTS, Tag

BUILD = "build_warehouse"


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
    @task.short_circuit(outlets=[EVENT_PUBLICATION])
    def set_in_motion(run_id=None, ti=None, outlet_events=None):
        from ledgerline.orchestration import flows

        done = flows.handle_events(run_id, lambda: ti.get_dr_count(BUILD, states=OPEN))
        if done.publications:
            outlet_events[EVENT_PUBLICATION].add(PUBLICATION)
        return done.asks_for_build

    set_in_motion() >> TriggerDagRunOperator(
        task_id="request_build", trigger_dag_id=BUILD
    )


handle_events()
