"""Run one step of the stack as a child process and turn its failure into a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledgerline.canonical.errors import Fatal


class StepFailed(Fatal):
    """A step of the run ended with an error."""

    code = "STEP_FAILED"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command and its log file.

    The command may write lines for a person to the file descriptor that
    LEDGERLINE_PROGRESS_FD names; everything else goes to the log.
    """

    name: str
    command: Sequence[str]
    log: Path


_STOP_SECONDS = 60


def run(step: Step, environment: Mapping[str, str], *keep_open: int) -> None:
    """Run a step to its end; raise StepFailed with its last line of output.

    The file descriptors `keep_open` (a lock, say) stay open in the child. When we are
    stopped, the child is asked to stop too and waited for.
    """
    step.log.parent.mkdir(parents=True, exist_ok=True)
    progress = os.dup(sys.stdout.fileno())
    try:
        with step.log.open("w") as log:
            process = subprocess.Popen(  # noqa: S603
                list(step.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[progress, *keep_open],
                env={**environment, "LEDGERLINE_PROGRESS_FD": str(progress)},
            )
            code = _wait(process)
    finally:
        os.close(progress)
    if code:
        raise StepFailed(f"{step.name} failed: {last_line(step.log)} (log: {step.log})")


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def last_line(log: Path) -> str:
    """Return the last line of a log that is not empty."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line]
    return lines[-1].strip() if lines else "it said nothing"
