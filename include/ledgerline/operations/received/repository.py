"""The queries behind `ledgerline trace` of a claim or a place in an X12 file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from ledgerline.store.engine import Connection

_RECORD = """
select
    record.record_id, record.resource_type, record.received_at, record.file_id,
    file.name as file_name, record.byte_offset, record.byte_length,
    encode(file.content_sha256, 'hex') as file_sha256
from raw_billing.record as record
inner join raw_billing.file as file on record.file_id = file.file_id
"""
_OF_CLAIM = f"""{_RECORD}
where record.body ->> 'claim_id' = %s
order by record.record_id
"""
_WITHIN = f"""{_RECORD}
where record.file_id = %s and record.byte_offset >= %s and record.byte_offset < %s
order by record.byte_offset, record.record_id
"""
# A file that came again is kept once: the newest of a name that has its bytes.
_FILE = """
select file.file_id
from raw_billing.file as file
where
    file.name = %s
    and exists (
        select from raw_billing.file_chunk as chunk where chunk.file_id = file.file_id
    )
order by file.file_id desc
limit 1
"""


@dataclass(frozen=True, kw_only=True)
class Received:
    """One landed record, and where its bytes lie in the decoded file."""

    record_id: int
    resource_type: str
    received_at: Any
    file_id: int
    file_name: str
    byte_offset: int
    byte_length: int
    file_sha256: str


def of_claim(connection: Connection, claim_id: str) -> list[Received]:
    """Return every record that tells of a claim, in the order of arrival."""
    with connection.cursor(row_factory=class_row(Received)) as cursor:
        return cursor.execute(_OF_CLAIM, [claim_id]).fetchall()


def within(
    connection: Connection, file_id: int, start: int, end: int
) -> list[Received]:
    """Return the records of a file that begin between two bytes of it."""
    with connection.cursor(row_factory=class_row(Received)) as cursor:
        return cursor.execute(_WITHIN, [file_id, start, end]).fetchall()


def file_of(connection: Connection, name: str) -> int | None:
    """Return the newest billing file of a name whose bytes are kept."""
    row = connection.execute(_FILE, [name]).fetchone()
    return None if row is None else row[0]
