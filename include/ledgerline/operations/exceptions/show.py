"""Print one quarantined record: where, why, whose, what next; its bytes on request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import FileRefused
from ledgerline.landing.repository import original_bytes
from ledgerline.operations.exceptions import repository
from ledgerline.operations.exceptions.next_step import next_step
from ledgerline.operations.exceptions.repository import Quarantined
from ledgerline.operations.report import WIDTH, table
from ledgerline.store.engine import connect

_SHOWN_BYTES = 64 * 1024


class NothingInQuarantine(Rejected):
    """No quarantined record has this number."""

    code = "NOTHING_IN_QUARANTINE"


class BytesForbidden(Rejected):
    """The database role may not read raw bytes."""

    code = "BYTES_FORBIDDEN"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads the bytes, with which role of the database."""

    dsn: str
    role: str
    by: str


def print_exception(dsn: str, number: int, reader: Reader | None = None) -> None:
    """Print one row of the quarantine; its bytes too where a reader is given.

    The role decides: raw bytes hold patients' values, and looking is on the audit
    chain. Raises NothingInQuarantine and BytesForbidden.
    """
    out = Console(width=WIDTH, highlight=False, markup=False)
    with connect(dsn) as connection:
        row = repository.exception(connection, number)
        if row is None:
            raise NothingInQuarantine(
                f"no record {number} is in quarantine; see `ledgerline exceptions list`"
            )
        _print_row(out, row)
        if row.file_id is not None:
            _print_file(out, connection, row, row.file_id)
        tried = repository.attempts(connection, number)
    if tried:
        headers = ("Replayed at", "Outcome", "Class", "By", "Batch", "Why")
        out.print(table("Replays", headers, tried))
    if reader is not None:
        _print_bytes(out, dsn, row, reader)


def _print_row(out: Console, row: Quarantined) -> None:
    overdue = ", overdue" if row.is_overdue else ""
    out.print(f"Exception {row.quarantine_id}: {row.refusal_class} ({row.status})")
    for label, text in (
        ("source", f"{row.source}, {row.resource_type}, stage {row.stage}"),
        ("where", row.locator),
        ("why", row.message),
        ("owner", row.owner),
        ("since", f"{row.created_at:%Y-%m-%d %H:%M}"),
        ("due", f"{row.due_at:%Y-%m-%d %H:%M}{overdue}"),
        ("next", next_step(row.refusal_class)),
    ):
        out.print(f"  {label:<7} {text}")


def _print_file(
    out: Console, connection: psycopg.Connection, row: Quarantined, file_id: int
) -> None:
    file = repository.stored_file(connection, row.zone, file_id)
    if file is None:
        return
    place = "the whole file"
    if row.byte_offset is not None:
        place = f"byte {row.byte_offset}, {row.byte_length} bytes of the content"
    for label, text in (
        ("file", f"{file.name} (raw_{row.zone}.file {file_id}, {file.format})"),
        ("bytes", place),
        ("size", f"{file.size_bytes} bytes as received, {file.status}"),
        ("sha256", file.sha256),
        ("came", f"{file.received_at:%Y-%m-%d %H:%M:%S %Z}"),
    ):
        out.print(f"  {label:<7} {text}")


def _print_bytes(out: Console, dsn: str, row: Quarantined, reader: Reader) -> None:
    if row.file_id is None:
        out.print("\nNo bytes of this file ever came in.")
        return
    found = _bytes(reader, row, row.file_id)
    with connect(dsn) as connection:
        repository.note_bytes_shown(
            connection, row.quarantine_id, reader.by, reader.role
        )
    cut = f" (the first {_SHOWN_BYTES})" if len(found) > _SHOWN_BYTES else ""
    out.print(f"\nBytes as received{cut}:")
    out.print(found[:_SHOWN_BYTES].decode("utf-8", "backslashreplace"), soft_wrap=True)


def _bytes(reader: Reader, row: Quarantined, file_id: int) -> bytes:
    start, length = row.byte_offset, row.byte_length or 0
    try:
        with connect(reader.dsn) as connection:
            stored = original_bytes(connection, f"raw_{row.zone}", file_id)
            if start is None:
                return _part(stored, 0, _SHOWN_BYTES + 1)
            return _part(container.decode(stored), start, length)
    except psycopg.errors.InsufficientPrivilege as error:
        raise BytesForbidden(
            f"the role {reader.role} may not read raw bytes; ask whoever may, "
            "or show the exception without --bytes"
        ) from error
    except FileRefused:
        return b""


def _part(content: Iterator[bytes], start: int, length: int) -> bytes:
    end, position, taken = start + min(length, _SHOWN_BYTES + 1), 0, b""
    for chunk in content:
        taken += chunk[max(start - position, 0) : max(end - position, 0)]
        position += len(chunk)
        if position >= end:
            break
    return taken
