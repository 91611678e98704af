"""Close a month: ask, wait for a second person, post its accruals, compare, seal.

Start it with the month as parameter. Who starts it asks; another user answers the
required action in Airflow within 24 hours. The database refuses who asked.
If it fails: nothing is sealed, and what was approved stays so.
Follow docs/runbooks/close_stuck.md.
"""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, dag, get_current_context, task

from ledgerline.orchestration.policy import APPROVE, REJECT, START, TASK_DEFAULTS, Tag

DAY = timedelta(hours=24)
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
ASKED = "ti.xcom_pull(task_ids='ask_for_close')"


@dag(
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=[Tag.CLOSE],
    params={
        "month": Param(type="string", pattern=MONTH, description="as 2026-03"),
        "reason": Param("month end", type="string", minLength=1),
    },
    doc_md=__doc__,
)
def close_month():
    @task
    def ask_for_close():
        from ledgerline.orchestration import flows

        context = get_current_context()
        who, told = context["dag_run"].triggering_user_name, context["params"]
        return flows.ask_for_close(told["month"], who, told["reason"])

    approve_close = HITLOperator(
        task_id="approve_close",
        subject="Close {{ params.month }}? Asked by {{ " + ASKED + "['by'] }}",
        body="{{ " + ASKED + "['checklist'] }}",
        options=[APPROVE, REJECT],
        execution_timeout=None,
        response_timeout=DAY,
    )

    @task
    def decide_close(asked, answered):
        from ledgerline.orchestration import flows

        flows.decide_close(asked, answered)

    @task
    def post_accruals():
        from ledgerline.orchestration import flows

        flows.post_entries()

    @task
    def compare_ledgers():
        from ledgerline.orchestration import flows

        flows.reconcile_ledgers()

    @task
    def seal_month():
        from ledgerline.orchestration import flows

        flows.seal_month(get_current_context()["params"]["month"])

    asked = ask_for_close()
    asked >> approve_close
    (
        decide_close(asked, approve_close.output)
        >> post_accruals()
        >> compare_ledgers()
        >> seal_month()
    )


close_month()
