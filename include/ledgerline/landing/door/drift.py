"""Additive drift: properties that landed and that no contract knows, without values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledgerline.contracts import find
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
_ALL = """
select
    source, entity, property, record_count, first_seen, last_seen, example_locator,
    split_part(source, '_', 1) as zone
from ops.contract_drift
order by source, entity, property
"""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A property that some records carry and that their contract does not know."""

    source: str
    zone: str
    entity: str
    name: str
    record_count: int
    first_seen: datetime
    last_seen: datetime
    example_locator: str


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


def open_drift(connection: Connection) -> list[Drift]:
    """Return the drift that today's contracts still do not know."""
    seen = [
        Drift(
            source=row[0],
            zone=row[7],
            entity=row[1],
            name=row[2],
            record_count=row[3],
            first_seen=row[4],
            last_seen=row[5],
            example_locator=row[6],
        )
        for row in connection.execute(_ALL)
    ]
    return [each for each in seen if not _is_agreed(each)]


def _is_agreed(each: Drift) -> bool:
    contract = find(each.zone, each.entity)
    return contract is None or contract.is_open or contract.knows(each.name)
