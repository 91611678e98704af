"""How the work stands, from source to ledger, at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ledgerline.operations import repository as postings
from ledgerline.operations.close import repository as close
from ledgerline.operations.close.repository import Item, Month
from ledgerline.operations.exceptions import repository as exceptions
from ledgerline.operations.exceptions.queue import Queue, queues
from ledgerline.operations.exceptions.repository import Waiting
from ledgerline.operations.health import repository
from ledgerline.operations.health.repository import Decision, Published, Step
from ledgerline.operations.requests import repository as requests
from ledgerline.operations.requests.request import Request
from ledgerline.store.engine import connect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """The documents of one kind: how many the ERP has, worth what, how many wait."""

    document_kind: str
    posted: int
    amount: Decimal
    not_posted: int


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two systems compared: how many lines, and how far they are apart in USD."""

    systems: str
    lines: int
    difference: Decimal


@dataclass(frozen=True, kw_only=True)
class Health:
    """Everything that the page shows."""

    waiting: Sequence[Waiting]
    queues: Sequence[Queue]
    requests: Sequence[Request]
    steps: Sequence[Step]
    postings: Sequence[Posting]
    pairs: Sequence[Pair]
    decisions: Sequence[Decision]
    published: Published | None
    months: Sequence[Month]
    next_month: str
    checklist: Sequence[Item]

    @property
    def overdue(self) -> int:
        """How many exceptions are past their time."""
        return sum(each.is_overdue for each in self.waiting)

    @property
    def difference(self) -> Decimal | None:
        """By how many USD the systems differ; None before they were compared."""
        if not self.pairs:
            return None
        return sum((each.difference for each in self.pairs), Decimal("0.00"))


def health(dsn: str) -> Health:
    """Read how the work stands, all of it at one moment."""
    with connect(dsn) as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        waiting = exceptions.open_exceptions(connection, None)
        next_month = close.next_month(connection)
        return Health(
            waiting=waiting,
            queues=queues(waiting),
            requests=requests.find(connection, None),
            steps=repository.steps(connection),
            postings=[
                Posting(
                    document_kind=row[0],
                    posted=row[2],
                    amount=row[3],
                    not_posted=row[6],
                )
                for row in postings.documents(connection, _EPOCH)
            ],
            pairs=[
                Pair(systems=row[0], lines=row[1], difference=row[2])
                for row in postings.reconciliation(connection)
            ],
            decisions=repository.decisions(connection),
            published=repository.published(connection),
            months=close.months(connection),
            next_month=next_month,
            checklist=close.checklist(connection, next_month),
        )
