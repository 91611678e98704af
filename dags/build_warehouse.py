"""Build candidate tables, judge them, and publish what passed.

If it fails at decide_gate: the gate blocked; readers still see the last publication and
nothing is posted. Run `ledgerline gate show` and follow docs/runbooks/gate_closed.md.
"""

from airflow.sdk import dag, task

from ledgerline.orchestration.assets import PUBLICATION, RAW_BILLING, RAW_EHR, RAW_ERP
from ledgerline.orchestration.policy import START, TASK_DEFAULTS, Tag


@dag(
    schedule=[RAW_EHR, RAW_BILLING, RAW_ERP],
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args={**TASK_DEFAULTS, "retries": 0},
    tags=[Tag.WAREHOUSE],
    doc_md=__doc__,
)
def build_warehouse():
    @task
    def build_staging(run_id=None):
        from ledgerline.orchestration import flows

        flows.build_stage("staging", run_id)

    @task
    def check_sources(run_id=None):
        from ledgerline.orchestration import flows

        flows.check_sources(run_id)

    @task
    def build_models(run_id=None):
        from ledgerline.orchestration import flows

        flows.build_stage("models", run_id)

    @task
    def check_candidates(run_id=None):
        from ledgerline.orchestration import flows

        flows.check_candidates(run_id)

    @task
    def decide_gate(run_id=None):
        from ledgerline.orchestration import flows

        return flows.decide_gate(run_id)

    @task(outlets=[PUBLICATION])
    def publish(run_id=None):
        from ledgerline.orchestration import flows

        return flows.publish(run_id)

    (
        build_staging()
        >> check_sources()
        >> build_models()
        >> check_candidates()
        >> decide_gate()
        >> publish()
    )


build_warehouse()
