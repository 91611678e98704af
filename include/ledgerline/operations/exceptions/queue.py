"""What waits on a person, queue by queue, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ledgerline.canonical.errors import Rejected
from ledgerline.operations.exceptions import repository
from ledgerline.operations.exceptions.repository import Waiting
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import connect


class NoException(Rejected):
    """Nothing that waits on a person has this id."""

    code = "NO_EXCEPTION"


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What waits in one queue for one team: how much, and since when.

    Amount is in USD; None where nobody can tell of any of it.
    """

    queue: str
    owner: str
    count: int
    overdue: int
    amount: Decimal | None
    since: datetime


def queues(waiting: Sequence[Waiting]) -> list[Queue]:
    """Add up what waits by queue and team."""
    grouped: dict[tuple[str, str], list[Waiting]] = {}
    for each in waiting:
        grouped.setdefault((each.queue, each.owner), []).append(each)
    return [
        Queue(
            queue=queue,
            owner=owner,
            count=len(rows),
            overdue=sum(each.is_overdue for each in rows),
            amount=_sum([each.amount for each in rows]),
            since=min(each.since for each in rows),
        )
        for (queue, owner), rows in sorted(grouped.items())
    ]


def age(waited: timedelta) -> str:
    """Say an age in its largest whole unit: 3 d, 5 h or 12 min."""
    minutes = max(0, int(waited.total_seconds() // 60))
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} d"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"


def print_queues(dsn: str, queue: str | None, limit: int, now: datetime) -> None:
    """Print each queue in one line, then what is overdue and dearest first."""
    out = Console(width=WIDTH, highlight=False)
    with connect(dsn) as connection:
        waiting = repository.open_exceptions(connection, queue)
    if not waiting:
        out.print("Nothing waits on a person")
        return
    lines = [
        (q.queue, q.owner, q.count, q.overdue, q.amount, age(now - q.since))
        for q in queues(waiting)
    ]
    headers = ("Queue", "Owner", "Open", "Overdue", "USD", "Oldest")
    out.print(table("What waits on a person", headers, lines))
    out.print("Open exceptions, overdue and dearest first")
    for each in waiting[:limit]:
        overdue = ", overdue" if each.is_overdue else ""
        amount = "" if each.amount is None else f", {each.amount:,.2f} USD"
        told = f"{each.category}, {each.owner}, {age(now - each.since)}"
        out.print(f"{each.exception_id}  {told}{overdue}{amount}", markup=False)
        out.print(Padding(Text(each.cause), (0, 0, 0, 2)))
    if len(waiting) > limit:
        out.print(f"{len(waiting) - limit} more; --limit and --queue show them")


def print_one(dsn: str, exception_id: str, now: datetime) -> None:
    """Print one exception and what to do next; raises NoException."""
    with connect(dsn) as connection:
        found = repository.open_exception(connection, exception_id)
    if not found:
        raise NoException(
            f"nothing with the id {exception_id} waits on a person; see "
            "`ledgerline exceptions list`"
        )
    out = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    for each in found:
        overdue = ", overdue" if each.is_overdue else ""
        amount = "unknown" if each.amount is None else f"{each.amount:,.2f} USD"
        out.print(f"Exception {each.exception_id}: {each.category} ({each.queue})")
        for label, text in (
            ("why", each.cause),
            ("owner", each.owner),
            ("since", f"{each.since:%Y-%m-%d %H:%M} ({age(now - each.since)})"),
            ("due", f"{each.due_at:%Y-%m-%d %H:%M}{overdue}"),
            ("amount", amount),
            ("next", each.next_action),
            ("ask", _COMMANDS.get(each.command, "")),
            ("runbook", f"docs/runbooks/{each.runbook}.md"),
        ):
            if text:
                out.print(f"  {label:<7} {text}")


_COMMANDS = {
    "land": "`ledgerline exceptions replay ID`",
    "replay": "`ledgerline exceptions replay ID --by NAME --reason WHY`",
    "waive": "`ledgerline requests waive ID --by NAME --reason WHY`",
    "waive_check": "`ledgerline gate waive ID --by NAME --reason WHY`",
}


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if known else None
