"""The worklist: every unmapped code of the published facts, by its dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from psycopg.rows import class_row

from ledgerline.crosswalk import published
from ledgerline.crosswalk.code_set import CODE_SETS
from ledgerline.crosswalk.published import Candidate
from ledgerline.crosswalk.worklist.suggest import Known, Suggestion, Unmapped, suggest
from ledgerline.store.engine import Connection, connect

RELATION = "marts.unmapped_code"
_ROWS = """
select
    code_set, source_system, facility_code, native_code,
    coalesce(native_name, '') as native_name, record_count, touched_amount,
    first_seen_date, last_seen_date
from marts.unmapped_code
order by touched_amount desc, record_count desc, code_set, facility_code, native_code
limit %s
"""
_KNOWN = """
select distinct
    facility_code, native_code, coalesce(native_name, '') as native_name,
    canonical_code
from conformed.fct_code_usage
where code_set = %s and canonical_code <> 'unmapped'
"""


@dataclass(frozen=True, kw_only=True)
class WorklistRow(Unmapped):
    """One unmapped code: how often, since when and with how many dollars."""

    record_count: int
    touched_amount: Decimal
    first_seen_date: date
    last_seen_date: date


def worklist(dsn: str, limit: int) -> list[tuple[WorklistRow, list[Suggestion]]]:
    """Return the codes that touch the most dollars, each with what it could mean.

    Raises NothingPublished before the first publication that knows them.
    """
    with connect(dsn) as connection, connection.transaction():
        published.require(connection, RELATION)
        with connection.cursor(row_factory=class_row(WorklistRow)) as cursor:
            rows = cursor.execute(_ROWS, [limit]).fetchall()

        @cache
        def learnt(name: str) -> tuple[list[Candidate], list[Known]]:
            candidates = published.candidates(connection, CODE_SETS[name])
            return candidates, _known(connection, name)

        return [(row, suggest(row, *learnt(row.code_set))) for row in rows]


def _known(connection: Connection, code_set: str) -> list[Known]:
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(_KNOWN, [code_set]).fetchall()
