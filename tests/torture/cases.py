"""What may befall Airflow, its processes and its servers while it posts.

Each case takes the stack, does its injury, and leaves it as a person who has seen it
and brought it up again would.
"""

import time
from datetime import UTC, datetime, timedelta

import psutil

from tests.torture.airflow import POST_ENTRIES, POSTING
from tests.torture.stack import AT_ONCE, wait


def scheduler_killed(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(stack.members("scheduler")[0])
    stack.command("up")
    end_lost_runs(stack)


def scheduler_and_workers_killed(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(*stack.members("scheduler"))
    stack.revive()
    end_lost_runs(stack)


def task_killed(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(stack.task_process(run))


def supervisor_killed(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(stack.task_process(run).parent())
    end_lost_runs(stack)


def api_server_killed(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(*stack.members("api-server"))
        stack.revive()


def api_server_away_until_all_is_posted(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(*stack.members("api-server"))
    time.sleep(20)
    stack.revive()
    end_lost_runs(stack)


def every_process_of_airflow_killed(stack):
    stack.airflow.trigger()
    names = "scheduler", "api-server", "dag-processor", "triggerer"
    with stack.in_mid_post():
        stack.kill(*[each for name in names for each in stack.members(name)])
    stack.revive()
    end_lost_runs(stack)


def cleared_after_success(stack):
    run = stack.airflow.trigger()
    stack.settle()
    for _ in range(2):
        stack.airflow.clear(run)
        stack.settle()


def cleared_while_running(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.airflow.clear(run)


def killed_and_cleared(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(stack.task_process(run))
        stack.airflow.clear(run)


def marked_success_while_running(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.airflow.mark(run, "success")


def marked_failed_while_running(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.airflow.mark(run, "failed")


def marked_success_before_it_ran(stack):
    """Nothing is posted by it; the run after it posts."""
    clear_of_the_quarter()
    stack.kill(*stack.members("scheduler"))
    posted = stack.documents()
    run = stack.airflow.trigger()
    stack.airflow.mark(run, "success")
    stack.revive()
    wait(lambda: not stack.airflow.open_runs(), 120, "the marked run does not end")
    assert stack.airflow.task(run)["state"] == "success"
    assert stack.documents() == posted
    stack.airflow.trigger()


def run_deleted_while_running(stack):
    run = stack.airflow.trigger()
    with stack.in_mid_post():
        stack.airflow.fail(run)
        stack.airflow.delete(run)
    stack.airflow.trigger()


def backfilled(stack):
    now = datetime.now(UTC)
    stack.airflow.backfill(now - timedelta(hours=1), now)
    wait(stack.airflow.open_runs, 60, "nothing is back-filled")


def backfilled_beside_a_run(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        now = datetime.now(UTC)
        stack.airflow.backfill(now - timedelta(hours=1), now)
        wait(lambda: stack.posting_now() > 1, 60, "no second run at once", AT_ONCE)


def run_twice_at_once(stack):
    """Both by hand: a run of Airflow's own would wait until the other has ended."""
    command = ("tasks", "test", POSTING, POST_ENTRIES)
    runs = [stack.airflow_command(*command) for _ in range(2)]
    with stack.in_mid_post():
        assert [run.poll() for run in runs] == [None, None], "one run only"
    assert [run.wait(300) for run in runs] == [0, 0]


def postgres_killed(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(stack.postmaster())
    stack.command("up")
    end_lost_runs(stack)


def erp_killed(stack):
    stack.airflow.trigger()
    with stack.in_mid_post():
        stack.kill(stack.erp_process())
    stack.command("prepare")


def erp_frozen_past_the_time_out(stack):
    """Its answers are given up, and what it does late counts all the same."""
    stack.airflow.trigger()
    with stack.in_mid_post():
        time.sleep(9)


def end_lost_runs(stack):
    """Mark failed what no supervisor watches; Airflow would in five minutes."""
    time.sleep(3)
    for run in stack.airflow.open_runs():
        task = stack.airflow.task(run)
        if task["state"] == "running" and not _is_watched(task["pid"]):
            stack.airflow.mark(run, "failed", POST_ENTRIES)


def _is_watched(pid):
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.ppid() > 1
    except psutil.NoSuchProcess:
        return False


def clear_of_the_quarter():
    """Wait while the sweep of every quarter of an hour is near."""
    while datetime.now(UTC).minute % 15 == 14:
        time.sleep(1)


IN_TURN = (
    *(scheduler_killed, scheduler_and_workers_killed, task_killed, supervisor_killed),
    *(api_server_killed, api_server_away_until_all_is_posted),
    *(every_process_of_airflow_killed, cleared_after_success, cleared_while_running),
    *(killed_and_cleared, marked_success_while_running, marked_failed_while_running),
    *(marked_success_before_it_ran, run_deleted_while_running, backfilled),
    *(backfilled_beside_a_run, run_twice_at_once, postgres_killed, erp_killed),
    erp_frozen_past_the_time_out,
)
