"""Additive drift: properties that landed and that no contract knows, without values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledgerline.store.engine import Connection

_NOTE = """
insert into ops.contract_drift as drift (
    source, entity, property, first_seen, last_seen, record_count, example_locator
)
values (
    %(source)s, %(entity)s, %(name)s, clock_timestamp(), clock_timestamp(),
    %(count)s, %(locator)s
)
on conflict (source, entity, property) do update
set
    last_seen = excluded.last_seen,
    record_count = drift.record_count + excluded.record_count
"""


@dataclass(kw_only=True)
class Addition:
    """A property beyond the contract: how many records of a file carry it."""

    entity: str
    name: str
    byte_offset: int
    count: int = 1


def note(
    connection: Connection, source: str, file_name: str, found: Iterable[Addition]
) -> None:
    """Add what one file showed to ops.contract_drift."""
    rows = [
        {
            "source": source,
            "entity": each.entity,
            "name": each.name,
            "count": each.count,
            "locator": f"{file_name}@{each.byte_offset}",
        }
        for each in found
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_NOTE, rows)
