"""The only place where the worklist speaks SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.rows import class_row

from ledgerline.crosswalk.worklist.suggest import Known, Unmapped
from ledgerline.store.engine import Connection

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
select
    facility_code, native_code, coalesce(max(native_name), '') as native_name,
    canonical_code
from conformed.fct_code_usage
where code_set = %s and canonical_code <> 'unmapped'
group by facility_code, native_code, canonical_code
"""


@dataclass(frozen=True, kw_only=True)
class WorklistRow(Unmapped):
    """One unmapped code: how often, since when and with how many dollars."""

    record_count: int
    touched_amount: Decimal
    first_seen_date: date
    last_seen_date: date


def rows(connection: Connection, limit: int) -> list[WorklistRow]:
    """Return the unmapped codes that touch the most dollars."""
    with connection.cursor(row_factory=class_row(WorklistRow)) as cursor:
        return cursor.execute(_ROWS, [limit]).fetchall()


def known(connection: Connection, code_set: str) -> list[Known]:
    """Return what the codes of a set mean in the published facts."""
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(_KNOWN, [code_set]).fetchall()
