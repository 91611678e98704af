"""Run DAGs and everything they trigger with Airflow's own scheduler, then stop.

`python -m ledgerline.orchestration.chain DAG_ID...` queues a run of each DAG, lets the
scheduler work until no run is queued or running and no asset event waits, writes one
line a finished task to the file descriptor LEDGERLINE_PROGRESS_FD, and exits 1 when a
run failed.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime

from airflow.api.common.trigger_dag import trigger_dag
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.jobs.job import Job, run_job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.asset import AssetDagRunQueue
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy import func, select, update

from ledgerline.canonical.errors import Fatal
from ledgerline.orchestration.executor import EmbeddedApiExecutor

_POLL_SECONDS = 0.5
_QUIET_POLLS = 2
_OPEN = (DagRunState.QUEUED, DagRunState.RUNNING)


class DagImportFailed(Fatal):
    """A DAG file cannot be imported."""

    code = "DAG_IMPORT_FAILED"


def run_chain(dag_ids: list[str]) -> bool:
    """Run the DAGs and their followers; return whether every run succeeded."""
    _register_dags()
    _close_abandoned_runs()
    started_at = datetime.now(UTC)
    for dag_id in dag_ids:
        trigger_dag(
            dag_id=dag_id,
            run_id=f"run__{dag_id}__{started_at.isoformat()}",
            logical_date=None,
            triggered_by=DagRunTriggeredByType.CLI,
            triggering_user_name="ledgerline",
        )
    _preload()
    watcher = threading.Thread(target=_stop_when_quiet, args=[started_at], daemon=True)
    EmbeddedApiExecutor.on_started = staticmethod(watcher.start)
    runner = SchedulerJobRunner(job=Job(), num_runs=-1)
    try:
        with contextlib.suppress(SystemExit):
            run_job(job=runner.job, execute_callable=runner._execute)
        return _all_succeeded(started_at)
    finally:
        _end_workers()


def _register_dags() -> None:
    manager = DagBundlesManager()
    manager.sync_bundles_to_db()
    for bundle in manager.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(
            dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name
        )
        if bag.import_errors:
            raise DagImportFailed(f"{next(iter(bag.import_errors))} does not import")
        sync_bag_to_db(bag, bundle.name, bundle.version)
    with create_session() as session:
        # One run a DAG: the clock creates none while this chain works.
        unpaused = {"is_paused": False, "next_dagrun_create_after": None}
        session.execute(update(DagModel).values(unpaused))


def _close_abandoned_runs() -> None:
    """Fail the runs that a killed chain left open; this run takes their work over.

    A DAG that had as many runs as it may have is free again: the scheduler counts only
    when one of its own runs ends.
    """
    ended = {"state": DagRunState.FAILED, "end_date": datetime.now(UTC)}
    with create_session() as session:
        session.execute(update(DagRun).where(DagRun.state.in_(_OPEN)).values(ended))
        session.execute(update(DagModel).values(exceeds_max_non_backfill=False))
        session.query(AssetDagRunQueue).delete()


def _preload() -> None:
    """Import the heavy libraries once: forked tasks then start warm."""
    for name in ("dbt.cli.main", "dbt.adapters.postgres", "great_expectations"):
        importlib.import_module(name)


def _stop_when_quiet(started_at: datetime) -> None:
    quiet = 0
    reported: set[str] = set()
    while quiet < _QUIET_POLLS:
        time.sleep(_POLL_SECONDS)
        _report_finished(started_at, reported)
        with create_session() as session:
            runs = session.scalar(
                select(func.count()).select_from(DagRun).where(DagRun.state.in_(_OPEN))
            )
            waiting = session.scalar(select(func.count()).select_from(AssetDagRunQueue))
        quiet = quiet + 1 if not runs and not _unfulfilled(waiting) else 0
    os.kill(os.getpid(), signal.SIGTERM)


def _unfulfilled(waiting: int | None) -> bool:
    """Tell whether a queued asset event will start a run.

    A DAG that waits for several assets keeps its events when one never comes (its
    extract failed): such a chain is as quiet as it will be.
    """
    if not waiting:
        return False
    with create_session() as session:
        failed = session.scalar(
            select(func.count())
            .select_from(DagRun)
            .where(DagRun.state == DagRunState.FAILED, DagRun.run_id.like("run__%"))
        )
    return not failed


def _end_workers() -> None:
    """End the executor's workers, for whom a scheduler that broke off waits for ever.

    They have the scheduler's handler of SIGTERM, which does not end them.
    """
    for worker in multiprocessing.active_children():
        worker.kill()


def _report_finished(started_at: datetime, reported: set[str]) -> None:
    with create_session() as session:
        done = session.execute(
            select(
                TaskInstance.dag_id,
                TaskInstance.task_id,
                TaskInstance.run_id,
                TaskInstance.state,
                TaskInstance.duration,
            )
            .where(
                TaskInstance.start_date >= started_at,
                TaskInstance.end_date.is_not(None),
            )
            .order_by(TaskInstance.end_date)
        ).all()
    for dag_id, task_id, run_id, state, duration in done:
        key = f"{run_id}/{task_id}/{state}"
        if key not in reported and state in {"success", "failed", "upstream_failed"}:
            reported.add(key)
            task = f"{dag_id}.{task_id}"
            _say(f"  {task:<36} {state:<8} {duration or 0:6.1f} s\n")


def _say(line: str) -> None:
    os.write(int(os.environ.get("LEDGERLINE_PROGRESS_FD", "1")), line.encode())


def _all_succeeded(started_at: datetime) -> bool:
    with create_session() as session:
        states = session.scalars(
            select(DagRun.state).where(DagRun.queued_at >= started_at)
        ).all()
    return bool(states) and all(state == DagRunState.SUCCESS for state in states)


if __name__ == "__main__":
    sys.exit(0 if run_chain(sys.argv[1:]) else 1)
