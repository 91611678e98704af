"""`ledgerline backup` and `ledgerline restore`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from ledgerline import settings

_TIMES = [
    f"%Y-%m-%d{separator}%H:%M:%S{fraction}{offset}"
    for separator in ("T", " ")
    for fraction in ("", ".%f")
    for offset in ("", "%z")
]
_AT_HELP = "as 2026-03-01T14:05:00, UTC, or with an offset; the last moment if none"


def backup(
    keep: Annotated[int, typer.Option(help="how many backups are kept")] = 2,
) -> None:
    """Copy the embedded PostgreSQL while it runs; from then on archive its WAL."""
    from ledgerline.runtime.backup.take import back_up

    done = back_up(settings.load(), keep)
    typer.echo(
        f"backup {done.folder}; from {done.completed_at.isoformat()} on any time can "
        "be restored"
    )


def restore(
    at: Annotated[datetime | None, typer.Option(formats=_TIMES, help=_AT_HELP)] = None,
) -> None:
    """Stop everything, bring the embedded PostgreSQL back to a time, start it."""
    from ledgerline.runtime.backup import restore as restoring

    done = restoring.restore(settings.load(), at, typer.echo)
    restoring.print_restored(done, typer.echo)
