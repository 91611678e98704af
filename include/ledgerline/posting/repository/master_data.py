"""Statements of the mirror of the ERP's master data."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerline.posting.port import MasterData, Period
from ledgerline.store.engine import Connection


def write_kinds(connection: Connection, adapter: str, found: MasterData) -> None:
    """Say which kinds the ERP tells, and of each which codes it has and no longer has.

    Only what changed is written.
    """
    connection.execute("update post.erp_kind set adapter = null, read_at = null")
    for kind, codes in found.codes.items():
        values = {"kind": kind, "codes": sorted(codes), "adapter": adapter}
        connection.execute(
            """
            update post.erp_kind
            set adapter = %(adapter)s, read_at = clock_timestamp()
            where kind = %(kind)s
            """,
            values,
        )
        connection.execute(
            """
            insert into post.erp_code as had (kind, code, is_active)
            select %(kind)s, code, true from unnest(%(codes)s::text[]) as code
            on conflict (kind, code) do update
            set is_active = true, since = excluded.since
            where not had.is_active
            """,
            values,
        )
        connection.execute(
            """
            update post.erp_code as had
            set is_active = false, since = clock_timestamp()
            where kind = %(kind)s and is_active and not exists (
                select from unnest(%(codes)s::text[]) as found (code)
                where found.code = had.code
            )
            """,
            values,
        )


def write_periods(connection: Connection, periods: Sequence[Period]) -> None:
    """Replace the ERP's periods."""
    connection.execute("delete from post.erp_period")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into post.erp_period (first_day, last_day, is_open) "
            "values (%s, %s, %s)",
            [(each.first_day, each.last_day, each.is_open) for each in periods],
        )
