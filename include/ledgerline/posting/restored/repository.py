"""Statements of the adoption after a restore; the database keeps its rules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ledgerline.posting.restored.forgotten import Issued
from ledgerline.store.engine import Connection


def notice(connection: Connection) -> bool:
    """Tell whether the warehouse was restored and the ERP not read since."""
    row = connection.execute("select ops.notice_restore()").fetchone()
    return bool(row and row[0])


def seconds_since_notice(connection: Connection) -> float:
    """How long ago it was noticed that the warehouse had been restored."""
    row = connection.execute(
        """
        select extract(epoch from clock_timestamp() - noticed_at)::double precision
        from ops.restore order by restore_id desc limit 1
        """
    ).fetchone()
    return float(row[0]) if row else 0.0


def begin(connection: Connection) -> bool:
    """Let this transaction adopt; False when another one did."""
    row = connection.execute("select post.begin_adoption()").fetchone()
    return bool(row and row[0])


def known_keys(connection: Connection) -> set[str]:
    """The natural keys that the warehouse remembers."""
    return {key for (key,) in connection.execute("select natural_key from post.entry")}


def issued(connection: Connection) -> dict[tuple[str, str], Issued]:
    """Unit and value of one, as published, of each item and lot.

    An item is named with each lot and without one: requisitions name none.
    """
    rows = connection.execute(
        """
        select item_code, coalesce(lot_number, ''), max(unit),
            coalesce(sum(amount) * 100 / nullif(sum(quantity), 0), 0)
        from outbound.out_stock_issue_line where item_code is not null
        group by grouping sets ((item_code, lot_number), (item_code))
        """
    )
    return {
        (item, lot): Issued(unit=unit or "", unit_cents=Decimal(value))
        for item, lot, unit, value in rows
    }


def doubt(connection: Connection, references: Sequence[str], adapter: str) -> int:
    """Put in doubt what the ERP may hold; return how many entries that are."""
    row = connection.execute(
        "select post.doubt(%s, %s)", [list(references), adapter]
    ).fetchone()
    return int(row[0]) if row else 0


def end(connection: Connection, adopted: int, doubted: int) -> None:
    """Note what the adoption found, on the audit chain too."""
    connection.execute("select post.end_adoption(%s, %s)", [adopted, doubted])
