"""What landed, and what was quarantined, source by source."""

from __future__ import annotations

from pathlib import Path

from psycopg import sql
from psycopg.rows import dict_row

from ledgerline.landing.door.drift import open_drift
from ledgerline.quality.check import SourceState
from ledgerline.store.engine import Connection

_BATCHES = """
with source as (
    select
        (array_agg(status order by batch_id desc))[1] as newest,
        count(*) filter (where status = 'complete') as complete,
        count(*) filter (where status = 'complete' and difference_count <> 0)
            as unbalanced
    from ops.landing_balance
    where zone = %(source)s
    group by source
)
select
    (array_agg(newest order by newest = 'complete'))[1],
    coalesce(min(complete), 0),
    coalesce(sum(unbalanced), 0)
from source
"""
_MISCOUNTED = """
select refused.resource_type, count(distinct refused.locator)
from ops.quarantined_record as refused
where
    refused.zone = %(source)s
    and refused.status = 'open'
    and refused.class = 'COUNT_MISMATCH'
    and not exists (
        select from {file} as later
        where
            later.name = refused.locator
            and later.file_id >= refused.file_id
            and later.status = 'landed'
    )
group by refused.resource_type
order by refused.resource_type
"""
# An event that waits for its admission has landed: it posts nothing, closes no gate.
_QUARANTINED = """
select resource_type, count(distinct locator)
from ops.quarantined_record
where zone = %(source)s and status = 'open' and class <> 'ORDER_WAIT'
group by resource_type
order by resource_type
"""
_DRIFTED = """
select count(distinct refused.locator)
from ops.quarantined_record as refused
where
    refused.zone = %(source)s
    and refused.status = 'open'
    and refused.class = 'CONTRACT_DRIFT'
    and refused.resource_type = 'file'
    and not exists (
        select from {file} as later
        where
            later.name = refused.locator
            and later.file_id > refused.file_id
            and later.status = 'landed'
    )
"""
_ZONES = """
select distinct zone
from ops.landing_batch
where to_regclass(format('raw_%I.record', zone)) is not null
order by zone
"""
_CONTROL_TOTALS = Path(__file__).parent / "control_totals.sql"


def zones(connection: Connection) -> list[str]:
    """Return the zones that anything ever landed in."""
    return [row[0] for row in connection.execute(_ZONES)]


def source_state(connection: Connection, source: str) -> SourceState:
    """Return what the sources of one raw zone brought so far."""
    newest, complete, unbalanced = connection.execute(
        _BATCHES, {"source": source}
    ).fetchone() or ("", 0, 0)
    landed = sql.SQL(
        "select resource_type, count(distinct resource_id) from {} "
        "group by resource_type order by resource_type"
    ).format(sql.Identifier(f"raw_{source}", "record"))
    miscounted = sql.SQL(_MISCOUNTED).format(
        file=sql.Identifier(f"raw_{source}", "file")
    )
    miscounts = connection.execute(miscounted, {"source": source}).fetchall()
    drifted = sql.SQL(_DRIFTED).format(file=sql.Identifier(f"raw_{source}", "file"))
    drifted_files = connection.execute(drifted, {"source": source}).fetchone()
    quarantined = connection.execute(_QUARANTINED, {"source": source}).fetchall()
    return SourceState(
        source=source,
        newest_batch=newest or "",
        complete_batches=complete,
        unbalanced_batches=unbalanced,
        miscounted=tuple((row[0], row[1]) for row in miscounts),
        drifted_files=drifted_files[0] if drifted_files else 0,
        unknown_properties=tuple(
            f"{each.entity}.{each.name}"
            for each in open_drift(connection)
            if each.zone == source
        ),
        landed=tuple((row[0], row[1]) for row in connection.execute(landed)),
        quarantined=tuple((row[0], row[1]) for row in quarantined),
    )


def control_totals(connection: Connection) -> dict[str, int]:
    """Return how much landed, by the names that row floors use."""
    text = _CONTROL_TOTALS.read_bytes()
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(text).fetchone()
    return {name: int(value) for name, value in (row or {}).items()}
