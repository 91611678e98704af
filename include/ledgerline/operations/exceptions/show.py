"""Print one quarantined record: where, why, whose, what next; its bytes on request."""

from __future__ import annotations

import psycopg
from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import FileRefused
from ledgerline.landing.repository import original_bytes
from ledgerline.operations.exceptions import repository
from ledgerline.operations.exceptions.next_step import next_step
from ledgerline.operations.exceptions.repository import Quarantined
from ledgerline.operations.raw_bytes import (
    SHOWN_BYTES,
    Reader,
    note_shown,
    print_bytes,
    reading,
)
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import connect


class NothingInQuarantine(Rejected):
    """No quarantined record has this number."""

    code = "NOTHING_IN_QUARANTINE"


def print_exception(dsn: str, number: int, reader: Reader | None = None) -> None:
    """Print one row of the quarantine; its bytes too where a reader is given.

    The role decides: raw bytes hold patients' values, and looking is on the audit
    chain. Raises NothingInQuarantine and BytesForbidden.
    """
    out = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
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
    note_shown(dsn, "quarantine", str(row.quarantine_id), reader)
    print_bytes(out, found)


def _bytes(reader: Reader, row: Quarantined, file_id: int) -> bytes:
    start, length = row.byte_offset, row.byte_length or 0
    try:
        with reading(reader) as connection:
            stored = original_bytes(connection, f"raw_{row.zone}", file_id)
            if start is None:
                return container.part_of(stored, 0, SHOWN_BYTES + 1)
            shown = min(length, SHOWN_BYTES + 1)
            return container.part_of(container.decode(stored), start, shown)
    except FileRefused:
        return b""
