"""The only place where the board pack speaks SQL; statements are in queries.sql."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from ledgerline.board_pack.figures import Cell, Rung, Source
from ledgerline.store.engine import Connection, connect
from ledgerline.store.statements import named

METRICS = (
    "initial_denial_rate_dollars",
    "final_denial_rate",
    "clean_claim_rate",
    "net_collection_rate",
    "net_days_in_ar",
    "dnfb_days",
)
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Month:
    """Everything that the reader views say of one month."""

    month: date
    source: Source
    cells: Sequence[Cell]
    rungs: Sequence[Rung]
    budgets: Mapping[str, Decimal]
    effects: Sequence[tuple[str, Decimal]]
    supplies: Sequence[Row]
    variance: Row
    losses: Sequence[Row]
    metrics: Sequence[Row]
    unanswered: Row
    reconciliation: Row
    waiting_amount: Decimal


@contextmanager
def snapshot(dsn: str) -> Iterator[Connection]:
    """Yield a connection that sees one publication, and writes nothing."""
    with connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction():
            yield connection


def read_source(connection: Connection) -> Source | None:
    """Return the publication that readers see; None before the first."""
    with connection.cursor(row_factory=class_row(Source)) as cursor:
        return cursor.execute(_statement("publication")).fetchone()


def read_months(connection: Connection, published_at: datetime) -> list[date]:
    """Return the months with cases that were over when it was published."""
    found = connection.execute(_statement("months"), {"published_at": published_at})
    return [month for (month,) in found]


def read_month(connection: Connection, source: Source, month: date) -> Month:
    """Return what the pack of a month needs."""
    given = {"month": month, "codes": list(METRICS)}

    def rows(name: str) -> list[Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_statement(name), given).fetchall()

    with connection.cursor(row_factory=class_row(Cell)) as of_cells:
        cells = of_cells.execute(_statement("cells"), given).fetchall()
    with connection.cursor(row_factory=class_row(Rung)) as of_rungs:
        rungs = of_rungs.execute(_statement("ladder"), given).fetchall()
    return Month(
        month=month,
        source=source,
        cells=cells,
        rungs=rungs,
        budgets=dict(connection.execute(_statement("budgets"), given).fetchall()),
        effects=connection.execute(_statement("effects"), given).fetchall(),
        supplies=rows("supplies"),
        variance=rows("variances")[0],
        losses=rows("losses"),
        metrics=rows("metrics"),
        unanswered=rows("unanswered")[0],
        reconciliation=rows("reconciliation")[0],
        waiting_amount=rows("waiting")[0]["waiting_amount"],
    )


def _statement(name: str) -> Any:  # noqa: ANN401
    return named(__package__, "queries.sql")[name]
