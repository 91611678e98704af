"""Rows for the tables of a raw zone, as binary COPY: nothing is escaped or parsed."""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

from ledgerline.connectors.formats.record import Record

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
PAGE_BYTES = 8096
"""Of a file's bytes in one row: what fits into one page of the database."""
_PAGE = Struct(">hiqiii")
_LENGTH = Struct(">i")
_BEGIN = Struct(">hiqiqi")
_MIDDLE = Struct(">i32siqiiiqib")
_VERSION = Struct(">i32siq")
_JSONB_VERSION = 1


def record_rows(
    records: Iterable[Record], file_id: int, batch_id: int, received_at: int
) -> bytes:
    """Return records as rows of the table of records.

    Columns: file_id, batch_id, resource_type, resource_id, content_sha256,
    byte_offset, byte_length, received_at, body. `received_at` is that of the first
    record, in microseconds since the year 2000; each is one later than the one before.
    """
    parts = [HEAD]
    begins: dict[str, bytes] = {}
    length, middle = _LENGTH.pack, _MIDDLE.pack
    for at, record in enumerate(records, received_at):
        kind = record.resource_type
        if kind not in begins:
            name = kind.encode()
            begins[kind] = _BEGIN.pack(9, 8, file_id, 8, batch_id, len(name)) + name
        identifier = record.resource_id.encode()
        body = record.body
        parts += (
            begins[kind],
            length(len(identifier)),
            identifier,
            middle(
                32,
                record.content_sha256,
                8,
                record.byte_offset,
                4,
                record.byte_length,
                8,
                at,
                len(body) + 1,
                _JSONB_VERSION,
            ),
            body,
        )
    parts.append(TAIL)
    return b"".join(parts)


def version_rows(records: Iterable[Record], file_id: int) -> bytes:
    """Return the versions of records as rows: version_key, content_sha256, file_id."""
    parts = [HEAD]
    for record in records:
        key = record.version_key.encode()
        parts += (
            b"\0\3" + _LENGTH.pack(len(key)),
            key,
            _VERSION.pack(32, record.version_sha256, 8, file_id),
        )
    parts.append(TAIL)
    return b"".join(parts)


def page_rows(held: bytes, file_id: int, first: int) -> bytes:
    """Return bytes as rows of the table of pages: file_id, chunk_number, bytes.

    No head and no tail, so that a file can be sent in parts.
    """
    parts: list[bytes | memoryview] = []
    whole = memoryview(held)
    for number, start in enumerate(range(0, len(held), PAGE_BYTES), first):
        page = whole[start : start + PAGE_BYTES]
        parts += (_PAGE.pack(3, 8, file_id, 4, number, len(page)), page)
    return b"".join(parts)
