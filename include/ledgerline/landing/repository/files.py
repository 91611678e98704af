"""Files: their bytes exactly as received, and what each came to."""

from __future__ import annotations

from collections.abc import Iterator

from ledgerline.connectors.formats import container
from ledgerline.landing import copy_binary
from ledgerline.landing.report import Counts
from ledgerline.landing.repository.statements import run, run_in, statement, value
from ledgerline.landing.stored import (
    Batch,
    KeptBytes,
    KnownFile,
    StoredFile,
    unpacked,
)
from ledgerline.store.engine import Connection

_PAGES_AT_ONCE = 32


def find_file(
    of: Batch, delivered: StoredFile, content_sha256: bytes
) -> KnownFile | None:
    """Return the file that brought this content in this format before, if any."""
    row = run_in(
        of,
        "find_file",
        name=delivered.name,
        format=delivered.format,
        content_sha256=content_sha256,
    ).fetchone()
    if row is None:
        return None
    return KnownFile(
        file_id=row[0],
        status=row[1],
        format=row[2],
        received_count=row[3],
        expected_count=row[4],
        is_superseded=row[5],
    )


def unfinished_files(of: Batch) -> list[StoredFile]:
    """Return the files of the zone whose records a dead process did not land."""
    rows = run_in(of, "unfinished_files", source=of.source).fetchall()
    return [
        StoredFile(file_id=row[0], name=row[1], format=row[2], expected_count=row[3])
        for row in rows
    ]


def claim(of: Batch, file: StoredFile) -> int | None:
    """Lock a file that waits for its records; None when another finished it.

    Returns the time, in microseconds since the year 2000.
    """
    found = run_in(
        of, "claim_file", file_id=file.file_id, expected_count=file.expected_count
    )
    row = found.fetchone()
    return int(row[0]) if row else None


def store_file(of: Batch, delivered: StoredFile, kept: KeptBytes) -> StoredFile:
    """Commit a file's bytes exactly as received, before anything is made of them.

    `delivered` knows no file_id yet.
    """
    with of.connection.transaction():
        file_id = _insert(of, delivered, kept)
        with of.connection.cursor().copy(statement("copy_chunks", of.schema)) as copy:
            copy.write(copy_binary.HEAD)
            for number, block in enumerate(kept.pages(_PAGES_AT_ONCE)):
                first = number * _PAGES_AT_ONCE
                copy.write(copy_binary.page_rows(block, file_id, first))
            copy.write(copy_binary.TAIL)
    return delivered.stored_as(file_id)


def log_duplicate(of: Batch, name: str, kept: KeptBytes, known: KnownFile) -> Counts:
    """Log a file whose content is known already; its records count as duplicate."""
    counts = Counts(received=known.received_count, duplicate=known.received_count)
    again = StoredFile(
        file_id=0, name=name, format=known.format, expected_count=known.expected_count
    )
    with of.connection.transaction():
        finish_file(of, _insert(of, again, kept), "duplicate", counts)
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
        run_in(of, "finish_file", file_id=file_id, status=status, **numbers)
    run_in(of, "add_to_batch", batch_id=of.batch_id, **numbers)


def original_bytes(
    connection: Connection, schema: str, file_id: int
) -> Iterator[bytes]:
    """Yield a file's bytes exactly as received, a chunk at a time."""
    is_packed = value(run(connection, "is_packed", schema, file_id=file_id))
    pages = _pages(connection, schema, file_id)
    return unpacked(pages) if is_packed else pages


def _pages(connection: Connection, schema: str, file_id: int) -> Iterator[bytes]:
    number = 0
    while True:
        rows = run(
            connection,
            "read_chunks",
            schema,
            file_id=file_id,
            first=number,
            last=number + _PAGES_AT_ONCE - 1,
        ).fetchall()
        if rows:
            yield b"".join([row[0] for row in rows])
        if len(rows) < _PAGES_AT_ONCE:
            return
        number += _PAGES_AT_ONCE


def record_bytes(connection: Connection, schema: str, record_id: int) -> bytes:
    """Return the bytes in the decoded file that one record was made from."""
    found = run(connection, "find_record", schema, record_id=record_id).fetchone()
    if found is None:
        return b""
    file_id, start, length = found
    content = container.decode(original_bytes(connection, schema, file_id))
    return container.part_of(content, start, length)


def _insert(of: Batch, file: StoredFile, kept: KeptBytes) -> int:
    return value(
        run_in(
            of,
            "insert_file",
            batch_id=of.batch_id,
            name=file.name,
            content_sha256=kept.sha256,
            size_bytes=kept.size,
            format=file.format,
            expected_count=file.expected_count,
            is_packed=kept.is_packed,
        )
    )
