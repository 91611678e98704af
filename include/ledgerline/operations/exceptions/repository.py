"""The queries behind `ledgerline exceptions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from ledgerline.landing.replay import Selection
from ledgerline.store.engine import Connection

_EXCEPTION = """
select
    quarantine_id, status, source, zone, resource_type, class as refusal_class,
    stage, message, locator, owner, created_at, due_at,
    due_at < clock_timestamp() and status = 'open' as is_overdue,
    file_id, byte_offset, byte_length
from ops.quarantined_record
where quarantine_id = %s
"""
_FILE = """
select
    name, format, size_bytes, encode(content_sha256, 'hex') as sha256, received_at,
    status
from {file}
where file_id = %s
"""
_ATTEMPTS = """
select attempted_at, outcome, class, attempted_by, batch_id, message
from ops.replay_attempt
where quarantine_id = %s
order by attempt_id
"""
_WAITING = """
select quarantine_id, stage
from ops.quarantined_record
where
    status = 'open'
    and record_id is not null
    and (%(numbers)s::bigint [] is null or quarantine_id = any(%(numbers)s))
    and (%(class)s::text is null or class = %(class)s)
    and (%(source)s::text is null or source = %(source)s)
"""
_STILL_OPEN = """
select message, count(*)
from ops.quarantined_record
where status = 'open' and quarantine_id = any(%s)
group by message
order by message
"""
_OPEN = """
select
    queue, exception_id, category, owner, since, due_at, is_overdue, amount, cause,
    next_action, command, runbook
from ops.exception
where
    (%(queue)s::text is null or queue = %(queue)s)
    and (%(exception_id)s::text is null or exception_id = %(exception_id)s)
order by is_overdue desc, amount desc nulls last, since, queue, exception_id
"""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One row of ops.exception; amount is in USD, None where nobody can tell."""

    queue: str
    exception_id: str
    category: str
    owner: str
    since: datetime
    due_at: datetime
    is_overdue: bool
    amount: Decimal | None
    cause: str
    next_action: str
    command: str
    runbook: str


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """One row of the quarantine, as people ask for it."""

    quarantine_id: int
    status: str
    source: str
    zone: str
    resource_type: str
    refusal_class: str
    stage: str
    message: str
    locator: str
    owner: str
    created_at: Any
    due_at: Any
    is_overdue: bool
    file_id: int | None
    byte_offset: int | None
    byte_length: int | None


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """The file that a quarantined record came in."""

    name: str
    format: str
    size_bytes: int
    sha256: str
    received_at: Any
    status: str


def open_exceptions(connection: Connection, queue: str | None) -> list[Waiting]:
    """Return what waits on a person: overdue first, then by dollars, then by age."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        chosen = {"queue": queue, "exception_id": None}
        return cursor.execute(_OPEN, chosen).fetchall()


def open_exception(connection: Connection, exception_id: str) -> list[Waiting]:
    """Return what waits under an id, of whatever queue."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        chosen = {"queue": None, "exception_id": exception_id}
        return cursor.execute(_OPEN, chosen).fetchall()


def exception(connection: Connection, number: int) -> Quarantined | None:
    """Return one row of the quarantine."""
    with connection.cursor(row_factory=class_row(Quarantined)) as cursor:
        return cursor.execute(_EXCEPTION, [number]).fetchone()


def stored_file(connection: Connection, zone: str, file_id: int) -> StoredFile | None:
    """Return the file that a row points to."""
    query = sql.SQL(_FILE).format(file=sql.Identifier(f"raw_{zone}", "file"))
    with connection.cursor(row_factory=class_row(StoredFile)) as cursor:
        return cursor.execute(query, [file_id]).fetchone()


def attempts(connection: Connection, number: int) -> list[tuple[Any, ...]]:
    """When, outcome, class, by whom, batch, message of every replay."""
    return connection.execute(_ATTEMPTS, [number]).fetchall()


def waiting(connection: Connection, chosen: Selection) -> dict[int, str]:
    """Return the stage of every chosen exception whose record landed and waits."""
    return dict(connection.execute(_WAITING, chosen.values()).fetchall())


def still_open(connection: Connection, numbers: list[int]) -> list[tuple[str, int]]:
    """Return what is said of those that are open still, and of how many."""
    return connection.execute(_STILL_OPEN, [numbers]).fetchall()
