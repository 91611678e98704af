"""Seal a month that two people agreed to close; say what it waits for."""

from __future__ import annotations

import re

import psycopg
from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.operations.close import repository
from ledgerline.operations.close.repository import Close, Item
from ledgerline.operations.table import WIDTH, table
from ledgerline.posting.repository import planning
from ledgerline.store.engine import connect
from ledgerline.store.refusal import sentence_of

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class CloseRefused(Rejected):
    """A month cannot be sealed, or is none; nothing changed."""

    code = "CLOSE_REFUSED"


def seal(dsn: str, period: str) -> None:
    """Seal a month: from then on nothing is dated into it.

    Raises CloseRefused when nobody approved its close, or what the checklist requires
    is not so; the database names the items.
    """
    _require_month(period)
    try:
        with planning.connection(dsn) as connection, connection.transaction():
            is_known = repository.seal(connection, period)
    except psycopg.errors.CheckViolation as error:
        raise CloseRefused(sentence_of(error) or f"{period} cannot be sealed") from None
    if not is_known:
        raise CloseRefused(
            f"nobody approved the close of {period}; ask with "
            f"`ledgerline close ask {period}`"
        )


def checklist(dsn: str, period: str) -> list[Item]:
    """What the close of a month looks at, as it stands now."""
    _require_month(period)
    with connect(dsn) as connection:
        return repository.checklist(connection, period)


def print_close(dsn: str, period: str | None) -> None:
    """Print how far the close of a month is; by default of the oldest open one."""
    with connect(dsn) as connection:
        month = period or repository.next_month(connection)
        _require_month(month)
        items = repository.checklist(connection, month)
        close = repository.find(connection, month)
    rows = [
        (
            *(each.question, each.answer, each.amount, each.item_count),
            each.owner,
        )
        for each in items
    ]
    headers = ("What must be true", "Is it", "USD", "Count", "Owner")
    out = Console(width=WIDTH, highlight=False)
    out.print(table(f"Close of {month}: {state(close)}", headers, rows))


def state(close: Close | None) -> str:
    """Say how far a close is."""
    if close is None:
        return "not approved"
    if close.sealed_at is None:
        return f"approved by request {close.request_id}, not sealed"
    return f"sealed {close.sealed_at:%Y-%m-%d %H:%M %Z}"


def body(dsn: str, period: str) -> str:
    """Put the checklist into Markdown, for who approves in Airflow."""
    rows = [
        f"| {each.question} | {each.answer} | {each.amount:,.2f} | {each.owner} |"
        for each in checklist(dsn, period)
    ]
    head = "| what must be true | is it | USD | owner |\n|---|---|---:|---|"
    return "\n".join([head, *rows])


def _require_month(period: str) -> None:
    if not _MONTH.fullmatch(period):
        raise CloseRefused("a month is written as 2026-03; give it so")
