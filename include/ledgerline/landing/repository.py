"""The only place where landing speaks SQL; the statements are in queries.sql.

`schema` is raw_ehr, raw_billing or raw_erp throughout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import FileRefused, RefusalClass
from ledgerline.landing.quarantine import Quarantined
from ledgerline.landing.report import Counts
from ledgerline.landing.statements import statement
from ledgerline.landing.stored import (
    Batch,
    FileChanged,
    KnownFile,
    StoredFile,
    WarehouseFull,
)
from ledgerline.store.engine import Connection, connect

_WORTH_ANALYZING = 2_000
_CHUNK_TYPES = ("int8", "int4", "bytea")


@contextmanager
def batch(dsn: str, source: str) -> Iterator[Batch]:
    """Open a batch when it is this process's turn; close it complete or failed.

    Raises SourceUnavailable when the warehouse goes away, and WarehouseFull.
    """
    with _clear_errors(), connect(dsn) as connection:
        _run(connection, "take_turn", source=source)
        _run(connection, "fail_abandoned", source=source)
        batch_id = _value(_run(connection, "open_batch", source=source))
        _run(connection, "staging_tables")
        opened = Batch(connection=connection, source=source, batch_id=batch_id)
        try:
            yield opened
        except BaseException:
            if not connection.broken:
                _run(connection, "close_batch", batch_id=batch_id, status="failed")
            raise
        _run(connection, "close_batch", batch_id=batch_id, status="complete")


def find_file(of: Batch, name: str, content_sha256: bytes) -> KnownFile | None:
    """Return the file that brought this content before, if any."""
    row = _run_in(of, "find_file", name=name, content_sha256=content_sha256).fetchone()
    if row is None:
        return None
    return KnownFile(
        file_id=row[0],
        status=row[1],
        format=row[2],
        received_count=row[3],
        is_superseded=row[4],
    )


def unfinished_files(of: Batch) -> list[StoredFile]:
    """Return the files whose records a dead process did not land."""
    rows = _run_in(of, "unfinished_files").fetchall()
    return [StoredFile(file_id=row[0], name=row[1], format=row[2]) for row in rows]


def store_file(
    of: Batch,
    name: str,
    format_name: str,
    digest: tuple[bytes, int],
    chunks: Iterable[bytes],
) -> StoredFile:
    """Commit a file's bytes exactly as received, before anything is made of them.

    `digest` is the sha256 and size read before. Raises FileChanged when the bytes
    are others now.
    """
    content_sha256, size = digest
    with of.connection.transaction():
        file_id = _value(
            _run_in(
                of,
                "insert_file",
                batch_id=of.batch_id,
                name=name,
                content_sha256=content_sha256,
                size_bytes=size,
                format=format_name,
            )
        )
        if _copy_chunks(of, file_id, chunks) != digest:
            raise FileChanged
    return StoredFile(file_id=file_id, name=name, format=format_name)


def log_duplicate(
    of: Batch, name: str, digest: tuple[bytes, int], known: KnownFile
) -> Counts:
    """Log a file whose content is known already; its records count as duplicate."""
    counts = Counts(received=known.received_count, duplicate=known.received_count)
    with of.connection.transaction():
        file_id = _value(
            _run_in(
                of,
                "insert_file",
                batch_id=of.batch_id,
                name=name,
                content_sha256=digest[0],
                size_bytes=digest[1],
                format=known.format,
            )
        )
        finish_file(of, file_id, "duplicate", counts)
    return counts


def finish_file(of: Batch, file_id: int | None, status: str, counts: Counts) -> None:
    """Write what a file came to, and add it to the batch."""
    numbers = {
        "received": counts.received,
        "landed": counts.landed,
        "quarantined": counts.quarantined,
        "duplicate": counts.duplicate,
    }
    if file_id is not None:
        _run_in(of, "finish_file", file_id=file_id, status=status, **numbers)
    _run_in(of, "add_to_batch", batch_id=of.batch_id, **numbers)


def clear_staging(of: Batch) -> None:
    """Empty the staging tables of this connection."""
    _run_in(of, "clear_staging")


def copy_rows(of: Batch, query: str, block: bytes) -> None:
    """Send a block of rows in COPY text format with `copy_records` or `copy_sets`."""
    with of.connection.cursor().copy(statement(query, of.schema)) as copy:
        copy.write(block)


def withdraw(of: Batch, first: int, last: int) -> int:
    """Take back the staged records of these units; return how many there were."""
    _run_in(of, "withdraw_sets", first=first, last=last)
    return _run_in(of, "withdraw_records", first=first, last=last).rowcount


def conflicting_sets(of: Batch, file_id: int) -> Sequence[TupleRow]:
    """Register the staged sets; return (unit, type, offset, length) of conflicts."""
    _run_in(of, "register_sets", file_id=file_id)
    return _run_in(of, "conflicting_sets").fetchall()


def take_conflicting_versions(of: Batch, file_id: int) -> Sequence[TupleRow]:
    """Register the staged versions; unstage and return (type, offset, length)."""
    _run_in(of, "register_versions", file_id=file_id)
    return _run_in(of, "take_conflicting_versions").fetchall()


def merge_records(of: Batch, file_id: int) -> tuple[int, dict[str, int]]:
    """Insert what is new; return the number staged and what landed by type."""
    staged = _value(_run_in(of, "count_staged"))
    if staged > _WORTH_ANALYZING:
        _run_in(of, "analyze_staging")
    if of.source != "billing":  # a transaction set never goes back to what it was
        _run_in(of, "note_returns", batch_id=of.batch_id)
    rows = _run_in(
        of, "merge_records", file_id=file_id, batch_id=of.batch_id
    ).fetchall()
    return staged, {row[0]: row[1] for row in rows}


def quarantine(of: Batch, file_id: int | None, rows: Iterable[Quarantined]) -> None:
    """Write quarantine rows."""
    with of.connection.cursor() as cursor:
        cursor.executemany(
            statement("quarantine", of.schema),
            [
                row.values()
                | {"batch_id": of.batch_id, "source": of.source, "file_id": file_id}
                for row in rows
            ],
        )


def note_seen(of: Batch) -> None:
    """Remember the staged resources as seen by this batch."""
    _run_in(of, "note_seen")


def note_vanished(of: Batch) -> int:
    """Note the resources that a complete extract no longer held."""
    return _run_in(of, "note_vanished", batch_id=of.batch_id).rowcount


def analyze(of: Batch) -> None:
    """Refresh the planner's statistics after a landing."""
    _run_in(of, "analyze_record")
    _run_in(of, "analyze_file")


def original_bytes(
    connection: Connection, schema: str, file_id: int
) -> Iterator[bytes]:
    """Yield a file's bytes exactly as received, a chunk at a time."""
    number = 0
    while True:
        row = _run(
            connection, "read_chunk", schema, file_id=file_id, chunk_number=number
        ).fetchone()
        if row is None:
            return
        yield bytes(row[0])
        number += 1


def record_bytes(connection: Connection, schema: str, record_id: int) -> bytes:
    """Return the bytes in the decoded file that one record was made from."""
    found = _run(connection, "find_record", schema, record_id=record_id).fetchone()
    if found is None:
        return b""
    file_id, start, length = found
    end, position, taken = start + length, 0, b""
    for chunk in container.decode(original_bytes(connection, schema, file_id)):
        taken += chunk[max(start - position, 0) : max(end - position, 0)]
        position += len(chunk)
        if position >= end:
            break
    return taken


def _copy_chunks(of: Batch, file_id: int, chunks: Iterable[bytes]) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0
    with of.connection.cursor().copy(statement("copy_chunks", of.schema)) as copy:
        copy.set_types(_CHUNK_TYPES)
        for number, chunk in enumerate(chunks):
            digest.update(chunk)
            size += len(chunk)
            copy.write_row((file_id, number, chunk))
    return digest.digest(), size


def _run(
    connection: Connection, query: str, schema: str = "ops", /, **values: object
) -> psycopg.Cursor[TupleRow]:
    return connection.execute(
        statement(query, schema), values or None, binary=query == "read_chunk"
    )


def _run_in(of: Batch, query: str, /, **values: object) -> psycopg.Cursor[TupleRow]:
    return _run(of.connection, query, of.schema, **values)


def _value(cursor: psycopg.Cursor[TupleRow]) -> int:
    row = cursor.fetchone()
    assert row is not None  # noqa: S101
    return int(row[0])


@contextmanager
def refusing_values() -> Iterator[None]:
    """Refuse the file when the warehouse cannot hold one of its values."""
    try:
        yield
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
        raise FileRefused(
            RefusalClass.PARSE,
            "the file holds a value that the warehouse cannot store "
            f"({error.sqlstate}); report it with the file",
        ) from error


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise WarehouseFull(
            "the warehouse has no room left; free disk space and run again, "
            "what was landed before stays"
        ) from error
    except psycopg.OperationalError as error:
        raise SourceUnavailable(
            "the warehouse went away while landing; start it (make run) and run "
            "again, the unfinished file is landed then"
        ) from error
