"""The only place where replay speaks SQL; the statements are in replay.sql."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from ledgerline.landing.replay.extent import Extent
from ledgerline.landing.stored import Batch
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which open rows to replay; what is not given does not narrow."""

    numbers: tuple[int, ...] = ()
    refusal_class: str | None = None
    source: str | None = None

    def values(self) -> dict[str, object]:
        """Return the parameters of the statements."""
        return {
            "numbers": list(self.numbers) or None,
            "class": self.refusal_class,
            "source": self.source,
        }


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One open row of the quarantine."""

    number: int
    extent: Extent
    refusal_class: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row that this replay wrote: why something is refused today."""

    number: int
    extent: Extent
    refusal_class: str
    message: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class FileState:
    """A stored file and what it came to before the replay."""

    name: str
    format: str
    expected_count: int | None
    status: str
    landed: int
    quarantined: int
    duplicate: int


def sources(connection: Connection, chosen: Selection) -> Sequence[TupleRow]:
    """Return (source, zone) of what is chosen and has bytes."""
    return _run(connection, "sources", **chosen.values()).fetchall()


def count_without_bytes(connection: Connection, chosen: Selection) -> int:
    """Count chosen rows whose bytes never came in."""
    row = _run(connection, "without_bytes", **chosen.values()).fetchone()
    return int(row[0]) if row else 0


def chosen_files(of: Batch, chosen: Selection) -> list[int]:
    """Return the files of the batch's source that hold chosen rows."""
    values = chosen.values() | {"source": of.source}
    return [row[0] for row in _run(of.connection, "files", **values)]


def lock_rows(of: Batch, file_id: int, chosen: Selection) -> list[Waiting]:
    """Lock and return the rows of a file to replay."""
    values = chosen.values() | {"source": of.source, "file_id": file_id}
    return [
        Waiting(
            number=row[0],
            extent=Extent(offset=row[1], length=row[2]),
            refusal_class=row[3],
        )
        for row in _run(of.connection, "lock_rows", **values)
    ]


def file_state(of: Batch, file_id: int) -> FileState:
    """Return a stored file as it is now."""
    row = _run_in(of, "stored_file", file_id=file_id).fetchone()
    assert row is not None  # noqa: S101
    return FileState(
        name=row[0],
        format=row[1],
        expected_count=row[2],
        status=row[3],
        landed=row[4],
        quarantined=row[5],
        duplicate=row[6],
    )


def reopen_file(of: Batch, file_id: int, format_name: str) -> None:
    """Let a file wait for its records again, until this transaction ends."""
    _run_in(of, "reopen_file", file_id=file_id, format=format_name)


def restore_file(of: Batch, file_id: int, state: FileState) -> None:
    """Write what a file came to in all."""
    _run_in(
        of,
        "restore_file",
        file_id=file_id,
        status=state.status,
        expected_count=state.expected_count,
        landed=state.landed,
        quarantined=state.quarantined,
        duplicate=state.duplicate,
    )


def date_as_received(of: Batch, file_id: int) -> None:
    """Give what this replay landed the time at which its bytes came."""
    for query in (
        "date_records",
        "date_sightings",
        "drop_stale_sightings",
        "date_deletions",
    ):
        _run_in(of, query, batch_id=of.batch_id, file_id=file_id)


def fresh_refusals(of: Batch, file_id: int) -> list[Refused]:
    """Return what this replay refused of a file."""
    found = _run(of.connection, "fresh_refusals", batch_id=of.batch_id, file_id=file_id)
    return [
        Refused(
            number=row[0],
            extent=Extent(offset=row[1], length=row[2]),
            refusal_class=row[3],
            message=row[4],
            owner=row[5],
        )
        for row in found
    ]


def drop_refusals(of: Batch, refused: Iterable[Refused]) -> None:
    """Remove rows of this replay that an older open row stands for."""
    numbers = [each.number for each in refused]
    _run(of.connection, "drop_refusals", numbers=numbers)


def keep_open(of: Batch, waiting: Waiting, why: Refused, by: str) -> None:
    """Give a row that stays open today's reason."""
    _run(
        of.connection,
        "settle",
        number=waiting.number,
        status="open",
        message=why.message,
        owner=why.owner,
        **{"class": why.refusal_class},
    )
    _note_attempt(of, waiting, "refused", why.refusal_class, why.message, by)


def close_replayed(of: Batch, waiting: Waiting, by: str) -> None:
    """Close a row whose bytes have landed, on the audit chain."""
    _run(of.connection, "settle_replayed", number=waiting.number)
    _note_attempt(of, waiting, "replayed", waiting.refusal_class, "", by)
    detail = {"batch_id": of.batch_id, "class": waiting.refusal_class, "by": by}
    _run(of.connection, "audit", number=waiting.number, detail=Jsonb(detail))


def _note_attempt(
    of: Batch, waiting: Waiting, outcome: str, refused: str, message: str, by: str
) -> None:
    _run(
        of.connection,
        "note_attempt",
        number=waiting.number,
        batch_id=of.batch_id,
        outcome=outcome,
        message=message,
        attempted_by=by,
        **{"class": refused},
    )


def _run(
    connection: Connection, query: str, schema: str = "ops", /, **values: object
) -> psycopg.Cursor[TupleRow]:
    return connection.execute(_statement(query, schema), values)


def _run_in(of: Batch, query: str, /, **values: object) -> psycopg.Cursor[TupleRow]:
    return _run(of.connection, query, of.schema, **values)


@cache
def _statement(name: str, schema: str) -> sql.Composed:
    text = named(__package__, "replay.sql")[name]
    return sql.SQL(text).format(zone=sql.Identifier(schema))
