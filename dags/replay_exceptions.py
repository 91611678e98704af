"""Land what waits in quarantine from its stored bytes, with today's code.

Started by a person, after a reader, contract or crosswalk was corrected: its parameters
choose a refusal class, a source, or everything that is open.
If it fails: what was replayed stays, the rest stays in quarantine; a re-run is safe.
Follow docs/runbooks/quarantine.md.
"""

from airflow.sdk import Param, dag, task

from ledgerline.orchestration.assets import EVENTS, RAW_BILLING, RAW_EHR, RAW_ERP
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.EXCEPTIONS],
    params={
        "refusal_class": Param(
            None, type=["null", "string"], description="Every open one of a class"
        ),
        "source": Param(
            None, type=["null", "string"], description="Every open one of a source"
        ),
        "all_open": Param(False, type="boolean", description="Every open one"),
    },
    doc_md=__doc__,
)
def replay_exceptions():
    @task(outlets=[RAW_EHR, RAW_BILLING, RAW_ERP, EVENTS])
    def replay_quarantine(params=None, dag_run=None):
        from ledgerline.orchestration import flows

        return flows.replay_quarantine(**params, by=dag_run.triggering_user_name)

    replay_quarantine()


replay_exceptions()
