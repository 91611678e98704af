"""`make run`: start what is needed, run the whole chain once, print the result."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from ledgerline.canonical.errors import ConfigurationInvalid, Fatal
from ledgerline.operations.report import print_report
from ledgerline.runtime import environment, stack, up
from ledgerline.runtime.host.disk import full_disk_named
from ledgerline.runtime.processes import Step, StepFailed, run
from ledgerline.settings import Settings

EXTRACTS = ("extract_ehr", "extract_billing", "extract_erp")


class ChainFailed(Fatal):
    """A DAG of the chain failed."""

    code = "CHAIN_FAILED"


class LedgersDiffer(Fatal):
    """The reconciliation does not end at 0.00."""

    code = "RECON_BREAK"


def run_once(settings: Settings) -> None:
    """Run the chain; raise a LedgerlineError with one sentence when it fails."""
    with alone(settings) as lock, full_disk_named(settings.home):
        since = datetime.now(UTC)
        env = up.prepare(settings, _say)
        for name in stack.missing_sources(env):
            _say(f"no connection {name}: this source is skipped")
        dsn = stack.warehouse_dsn(env[environment.WAREHOUSE])
        with up.without_scheduler(settings, env):
            failures = _run_chain(settings, env, since, lock)
        is_even = print_report(dsn, since)
        for pack in sorted(settings.board_packs.glob("*.html"))[-1:]:
            printed = pack.with_suffix(".pdf")
            _say(f"board pack: {printed if printed.exists() else pack}")
        if failures:
            for other in failures[1:]:
                _say(f"failed as well: {other}")
            raise ChainFailed(failures[0])
        if not is_even:
            raise LedgersDiffer(
                "the reconciliation does not end at 0.00; see the table above and "
                "docs/runbooks/reconciliation_break.md"
            )
    sandbox = ", the sandbox ERP and FHIR server" if settings.sandbox else ""
    _say(f"still running: PostgreSQL{sandbox}; `make down` stops everything")


def reconcile_now(settings: Settings) -> int:
    """Read the ERP back, print the outcome; return 0 when everything agrees."""
    env = stack.known_environment(settings)
    if environment.WAREHOUSE not in os.environ:
        stack.start_postgres(settings)
    command = [sys.executable, "-m", "ledgerline.orchestration.reconcile_now"]
    return subprocess.run(command, env=env, check=False).returncode  # noqa: S603


def _run_chain(
    settings: Settings, env: Mapping[str, str], since: datetime, lock: int
) -> list[str]:
    """Run the scheduler until it is quiet; return a sentence a failure.

    The chain keeps the lock of this home, so that a run which outlives its parent
    is not joined by a second one.
    """
    _say("running the chain with Airflow's scheduler")
    module = "ledgerline.orchestration.chain"
    log = settings.logs / "chain.log"
    try:
        run(
            Step(
                name="the chain",
                command=[sys.executable, "-m", module, *EXTRACTS],
                log=log,
            ),
            env,
            lock,
        )
    except StepFailed as error:
        return _noted_failures(settings, since) or [error.message]
    return []


def _noted_failures(settings: Settings, since: datetime) -> list[str]:
    path = settings.logs / "failures.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [
        f"{failure['task']}: {failure['message']}"
        for failure in map(json.loads, lines)
        if failure["at"] >= since.isoformat()
    ]


@contextmanager
def alone(settings: Settings) -> Iterator[int]:
    """Hold the lock of this home, or say that another run does."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationInvalid(
                f"another run uses {settings.home}; wait for it or set LEDGERLINE_HOME"
            ) from error
        yield lock.fileno()


def _say(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
