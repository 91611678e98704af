"""Room on the disk that holds the home: asked for before a run, and when one fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledgerline.canonical.errors import Fatal, LedgerlineError

MINIMUM_FREE_BYTES = 2 * 1024**3
EXHAUSTED_BYTES = 32 * 1024**2  # two segments of PostgreSQL's write-ahead log


class DiskFull(Fatal):
    """The disk that holds the home has no room for a run."""

    code = "DISK_FULL"


def require_room(home: Path) -> None:
    """Raise DiskFull when the disk of `home` is too small for a run."""
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < MINIMUM_FREE_BYTES:
        raise DiskFull(
            f"only {free // 1024**2} MB are free below {home}, a run needs "
            f"{MINIMUM_FREE_BYTES // 1024**2} MB; free some space or move "
            "LEDGERLINE_HOME"
        )


@contextmanager
def full_disk_named(home: Path) -> Iterator[None]:
    """Say that the disk is full when something fails and that is why.

    What a full disk brings down first is chance: a log, a database, a web server.
    """
    try:
        yield
    except (LedgerlineError, OSError) as error:
        if shutil.disk_usage(home).free < EXHAUSTED_BYTES:
            raise DiskFull(
                f"the disk of {home} is full; free some space and run again, "
                "nothing is half-written"
            ) from error
        raise
