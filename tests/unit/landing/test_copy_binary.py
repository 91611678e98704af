"""Rows in binary COPY: what they hold and how bytes are cut into pages."""

import struct

from ledgerline.connectors.formats.record import Record
from ledgerline.landing.copy_binary import PAGE_BYTES, page_rows, record_rows


def record(name, body=b"{}"):
    return Record(
        resource_type="T",
        resource_id=name,
        content_sha256=bytes(32),
        byte_offset=3,
        byte_length=len(body),
        body=body,
    )


def fields(rows):
    """Cut rows of binary COPY into their fields."""
    found, at = [], 19
    while (count := struct.unpack_from(">h", rows, at)[0]) >= 0:
        at += 2
        row = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", rows, at)
            row.append(rows[at + 4 : at + 4 + length])
            at += 4 + length
        found.append(row)
    return found


def test_a_record_is_nine_fields_and_each_is_a_microsecond_later():
    rows = fields(record_rows([record("a\t\\N"), record("é")], 7, 8, 1000))
    assert [row[3] for row in rows] == [b"a\t\\N", "é".encode()]
    assert [struct.unpack(">q", row[7])[0] for row in rows] == [1000, 1001]
    assert [len(row) for row in rows] == [9, 9]
    assert rows[0][8] == b"\x01{}"


def test_bytes_are_cut_into_pages_that_are_numbered_on():
    held = bytes(range(256)) * 100
    rows = fields(bytes(19) + page_rows(held, 5, 2) + b"\xff\xff")
    assert b"".join(row[2] for row in rows) == held
    assert [struct.unpack(">i", row[1])[0] for row in rows] == [2, 3, 4, 5]
    assert {len(row[2]) for row in rows[:-1]} == {PAGE_BYTES}
