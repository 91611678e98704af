"""The only place where the close speaks SQL; the statements are in queries.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString

from psycopg.rows import class_row

from ledgerline.store.engine import Connection
from ledgerline.store.statements import named


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that a close looks at; what is not required is told only."""

    item: str
    question: str
    is_required: bool
    is_met: bool
    amount: Decimal
    item_count: int
    owner: str

    @property
    def answer(self) -> str:
        """Whether it is so; loud where it stands in the way."""
        if self.is_required:
            return "yes" if self.is_met else "NO"
        return "told" if self.is_met else "no (told only)"


@dataclass(frozen=True, kw_only=True)
class Close:
    """A close that two people agreed on; `sealed_at` is None until it is sealed."""

    request_id: int
    approved_at: datetime
    sealed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Month:
    """How far the close of a month is, all facilities together; amounts in USD.

    `reconciled_rate` is rounded down, and None where nothing was compared.
    """

    period: str
    close_state: str
    reconciled_rate: Decimal | None
    unreconciled_amount: Decimal
    open_exceptions: int
    held_amount: Decimal
    accrued_amount: Decimal
    late_amount: Decimal
    sealed_at: datetime | None
    forecast_close_date: date


def months(connection: Connection) -> list[Month]:
    """Every month that is not sealed and the newest that is, oldest first."""
    with connection.cursor(row_factory=class_row(Month)) as cursor:
        return cursor.execute(_statements()["months"]).fetchall()


def checklist(connection: Connection, period: str) -> list[Item]:
    """What the close of a month looks at, in order."""
    with connection.cursor(row_factory=class_row(Item)) as cursor:
        return cursor.execute(_statements()["checklist"], {"period": period}).fetchall()


def find(connection: Connection, period: str) -> Close | None:
    """The close of a month, None before its approval."""
    with connection.cursor(row_factory=class_row(Close)) as cursor:
        return cursor.execute(_statements()["state"], {"period": period}).fetchone()


def next_month(connection: Connection) -> str:
    """The oldest month that is over, has documents and is not sealed, yyyy-mm."""
    row = connection.execute(_statements()["next_month"]).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return str(row[0])


def seal(connection: Connection, period: str) -> bool:
    """Seal a month; False when nobody approved its close."""
    done = connection.execute(_statements()["seal"], {"period": period})
    return done.fetchone() is not None


def _statements() -> Mapping[str, LiteralString]:
    return named("ledgerline.operations.close", "queries.sql")
