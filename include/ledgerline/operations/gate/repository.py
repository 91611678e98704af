"""The only place where the gate's screen speaks SQL; statements are in queries.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.rows import class_row

from ledgerline.store.engine import Connection, is_there
from ledgerline.store.statements import named

_JUDGED = "candidate_outbound.out_journal_line"
_READ = "outbound.out_journal_line"
_NOTHING_READ = (
    "(select ''::text as facility_code, null::date as posting_date, "
    "''::text as account_code, 0::numeric as amount where false) as nothing"
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The newest decision, and what readers see."""

    decision_id: int
    run_id: str
    verdict: str
    evaluated_count: int
    required_count: int
    held_facilities: list[str]
    reasons: list[dict[str, Any]]
    decided_at: datetime
    publication_id: int | None
    is_published: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """Dollars that wait, and what holds them; a cause is a hold class or `facility`."""

    cause: str
    facility: str
    remedy: str
    entries: int
    amount: Decimal


def decision(connection: Connection) -> Shown | None:
    """Return the newest decision."""
    with connection.cursor(row_factory=class_row(Shown)) as cursor:
        return cursor.execute(_statements()["decision"]).fetchone()


def held(connection: Connection) -> list[Held]:
    """Return what waits in the outbox for the gate, most dollars first."""
    with connection.cursor(row_factory=class_row(Held)) as cursor:
        return cursor.execute(_statements()["held"]).fetchall()


def blocked_amount(connection: Connection) -> Decimal | None:
    """Debits by which the judged rows differ from what readers see; None if unbuilt."""
    if not is_there(connection, _JUDGED):
        return None
    read = _READ if is_there(connection, _READ) else _NOTHING_READ
    text = _statements()["candidate_difference"].format(published=read)
    rows = connection.execute(text.encode()).fetchall()
    return sum((row[1] for row in rows), Decimal("0.00"))


def _statements() -> Mapping[str, LiteralString]:
    return named("ledgerline.operations.gate", "queries.sql")
