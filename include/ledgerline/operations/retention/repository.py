"""The queries behind retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from ledgerline.store.engine import Connection

_POLICIES = """
select what, keep, reason
from ops.retention_policy
order by keep nulls last, what
"""
_DUE = "select due_count, due_bytes from ops.retained(%(what)s, %(before)s)"
_FORGET = "select ops.forget(%(what)s, %(before)s)"
_NOTE = "select audit.append('ops.retention', %(what)s, 'removed', %(detail)s)"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How long one kind of data is kept, nothing for good, and why."""

    what: str
    keep: timedelta | None
    reason: str


def policies(connection: Connection) -> list[Policy]:
    """Return what is kept how long, the shortest first."""
    with connection.cursor(row_factory=class_row(Policy)) as cursor:
        return cursor.execute(_POLICIES).fetchall()


def due(connection: Connection, what: str, before: datetime) -> tuple[int, int]:
    """Return how many rows of a kind are older, and their bytes."""
    found = connection.execute(_DUE, {"what": what, "before": before}).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def forget(connection: Connection, what: str, before: datetime) -> int:
    """Delete the rows of a kind that are older; return how many."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        cursor.execute(_FORGET, {"what": what, "before": before})
        return int(cursor.fetchone() or 0)


def note(connection: Connection, what: str, detail: dict[str, object]) -> None:
    """Put a removal on the audit chain."""
    connection.execute(_NOTE, {"what": what, "detail": Jsonb(detail)})
