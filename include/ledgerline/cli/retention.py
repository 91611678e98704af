"""`ledgerline retention`."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from ledgerline import settings
from ledgerline.cli.words import warehouse

_APPLY_HELP = "remove it; without this word it is only shown"


def retention(
    is_applied: Annotated[bool, typer.Option("--apply", help=_APPLY_HELP)] = False,
) -> None:
    """Show what is older than it is kept; with `--apply` remove it."""
    from rich.console import Console

    from ledgerline.operations.retention import retention as keeping
    from ledgerline.operations.table import WIDTH, table

    current = settings.load()
    folders = (current.logs, current.home / "dbt" / "logs")
    dsn, now = warehouse(), datetime.now(UTC)
    found = keeping.survey(dsn, folders, now)
    rows = [
        (
            due.policy.what,
            _age(due.policy.keep),
            due.count,
            due.size,
            due.policy.reason,
        )
        for due in found
    ]
    headers = ("what", "kept", "older", "bytes", "why")
    Console(width=WIDTH).print(table("Retention", headers, rows))
    if not is_applied:
        typer.echo("nothing was removed; `ledgerline retention --apply` removes it")
        return
    for due in keeping.remove(dsn, folders, now, getpass.getuser()):
        typer.echo(f"removed: {due.count} {due.policy.what}, {due.size} bytes")


def _age(keep: timedelta | None) -> str:
    if keep is None:
        return "for good"
    return "1 day" if keep.days == 1 else f"{keep.days} days"
