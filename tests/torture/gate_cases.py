"""Tasks before the posting marked success by hand, one after the other.

Late input has landed and a build runs; nothing of it may be published or posted
before its checks have run and passed.
"""

from tests.torture.stack import wait

BUILD = "build_warehouse"


def checks_marked_success(stack):
    """The gate finds no check that ran, and blocks."""
    run = stack.build_until("build_models")
    stack.airflow.mark(run, "success", "check_candidates", BUILD)
    stack.end_build(run)
    assert stack.task_state(run, "decide_gate") == "failed"
    verdict = "select verdict from ops.gate_decision order by decision_id desc limit 1"
    assert stack.hospital.value(verdict) == "BLOCK"
    return run


def gate_marked_success(stack, run):
    """The publication is asked for without a verdict, and refused."""
    stack.airflow.mark(run, "success", "decide_gate", BUILD)
    stack.airflow.clear(run, "publish", BUILD)
    stack.end_build(run)
    assert stack.task_state(run, "publish") == "failed"


def publication_marked_success(stack, run):
    """The posting runs by hand after it, and finds nothing new."""
    stack.airflow.mark(run, "success", "publish", BUILD)
    posting = stack.airflow.trigger()
    wait(lambda: not stack.airflow.open_runs(), 240, "post_to_erp does not end")
    assert stack.airflow.state(posting) == "success"


ALL = (checks_marked_success, gate_marked_success, publication_marked_success)


def checked_after_all(stack, run):
    """Cleared as it should be, the build passes and its documents are due."""
    stack.airflow.clear(run, "check_candidates", BUILD, include_downstream=True)
    stack.end_build(run)
    assert stack.task_state(run, "publish") == "success"
