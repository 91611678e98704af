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

    With `has_progress` the command may write lines for a person to the file
    descriptor that LEDGERLINE_PROGRESS_FD names; everything else goes to the log.
    """

    name: str
    command: Sequence[str]
    log: Path
    has_progress: bool = False


def run(step: Step, environment: Mapping[str, str]) -> None:
    """Run a step to its end; raise StepFailed with its last line of output."""
    step.log.parent.mkdir(parents=True, exist_ok=True)
    progress = os.dup(sys.stdout.fileno() if step.has_progress else 2)
    try:
        with step.log.open("w") as log:
            done = subprocess.run(  # noqa: S603
                list(step.command),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[progress] if step.has_progress else [],
                env={**environment, "LEDGERLINE_PROGRESS_FD": str(progress)},
            )
    finally:
        os.close(progress)
    if done.returncode:
        raise StepFailed(f"{step.name} failed: {last_line(step.log)} (log: {step.log})")


def last_line(log: Path) -> str:
    """Return the last line that a log holds, for a sentence about its process."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line]
    return lines[-1].strip() if lines else "it said nothing"
