"""Print what came in of a claim, or the transaction set at a place of an X12 file."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import FileRefused, ReadContent
from ledgerline.connectors.formats.x12 import parts
from ledgerline.connectors.formats.x12.parts import Part
from ledgerline.landing.repository import original_bytes
from ledgerline.operations.raw_bytes import (
    SHOWN_BYTES,
    Reader,
    note_shown,
    print_bytes,
    reading,
)
from ledgerline.operations.received import repository
from ledgerline.operations.received.repository import Received
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import Connection, connect

_HEADERS = ("Record", "Received", "File", "Offset", "Bytes", "SHA-256 of the file")


class NothingToTrace(Rejected):
    """No entry, claim or place in an X12 file has this identifier."""

    code = "NOTHING_TO_TRACE"


def print_received(
    dsn: str, identifier: str, reader: Reader | None = None, limit: int = 20
) -> None:
    """Print what landed under a claim id or at `<file>@<byte>`.

    The segments too where a reader is given: they hold patients' values, so the role
    decides, and looking is on the audit chain. Raises NothingToTrace, BytesForbidden.
    """
    out = Console(width=WIDTH, highlight=False, markup=False, emoji=False)
    name, _, offset = identifier.rpartition("@")
    if name and offset.isascii() and offset.isdecimal():
        _print_set(out, dsn, (name, int(offset)), reader)
    else:
        _print_claim(out, dsn, identifier, reader, limit)


def _print_claim(
    out: Console, dsn: str, claim_id: str, reader: Reader | None, limit: int
) -> None:
    with connect(dsn) as connection:
        found = repository.of_claim(connection, claim_id)
    if not found:
        raise NothingToTrace(
            f"nothing is known as {claim_id}; give an encounter, a visit, an account; "
            "an entry id, a natural key or an ERP document number, as in post.entry; "
            "a claim id, as in conformed.fct_claim; or <file>@<byte>, as exceptions "
            "name it"
        )
    _print_records(out, f"What came in of claim {claim_id}", found[:limit])
    if len(found) > limit:
        out.print(f"{limit} of {len(found)} records shown; use --limit to see more")
    if reader is None:
        return
    for each in found[:limit]:
        place = each.byte_offset, each.byte_length
        _print_segments(out, dsn, reader, each.file_id, place)


def _print_set(
    out: Console, dsn: str, wanted: tuple[str, int], reader: Reader | None
) -> None:
    name, offset = wanted
    with connect(dsn) as connection:
        file_id = repository.file_of(connection, name)
        part = None if file_id is None else _part_at(connection, file_id, offset)
        if file_id is None or part is None:
            raise NothingToTrace(
                f"no X12 file {name} with a byte {offset} has landed; give the name as "
                "raw_billing.file has it"
            )
        end = part.byte_offset + part.byte_length
        found = repository.within(connection, file_id, part.byte_offset, end)
    what = f"Transaction set {part.key}" if part.key else "Envelope"
    out.print(f"{what}: byte {part.byte_offset} of {name}, {part.byte_length} bytes")
    _print_records(out, "What landed of it", found)
    if reader is not None:
        place = part.byte_offset, part.byte_length
        _print_segments(out, dsn, reader, file_id, place)


def _part_at(connection: Connection, file_id: int, offset: int) -> Part | None:
    """Return the part of a stored file that holds a byte."""
    try:
        for part in parts.parts(_content(connection, file_id)):
            if part.byte_offset <= offset < part.byte_offset + part.byte_length:
                return part
    except FileRefused:
        pass
    return None


def _print_records(out: Console, title: str, found: Sequence[Received]) -> None:
    rows = [
        (
            each.resource_type,
            each.received_at,
            each.file_name,
            each.byte_offset,
            each.byte_length,
            each.file_sha256[:12],
        )
        for each in found
    ]
    out.print(table(title, _HEADERS, rows))


def _print_segments(
    out: Console, dsn: str, reader: Reader, file_id: int, place: tuple[int, int]
) -> None:
    offset, length = place
    wanted = min(length, SHOWN_BYTES + 1)
    with reading(reader) as connection:
        found = parts.bytes_at(_content(connection, file_id), offset, wanted)
    note_shown(dsn, "raw_billing.file", f"{file_id}@{offset}", reader)
    print_bytes(out, found)


def _content(connection: Connection, file_id: int) -> ReadContent:
    return lambda: container.decode(original_bytes(connection, "raw_billing", file_id))
