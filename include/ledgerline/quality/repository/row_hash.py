"""The hash of a row: one expression, the same in every session."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from psycopg import sql

STABLE_TEXT = sql.SQL(
    "set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';"
    "set local intervalstyle = 'postgres'; set local extra_float_digits = 1;"
    "set local bytea_output = 'hex'; set local search_path = pg_catalog"
)


def row_hash(columns: Iterable[str], alias: str) -> sql.Composed:
    """Return the expression of a row's SHA-256, over its columns in name order.

    The same in every session that has STABLE_TEXT set. A short hash of the names goes
    in first: a renamed column makes another row.
    """
    names = sorted(columns)
    shape = hashlib.sha256("\n".join(names).encode()).hexdigest()[:8]
    values = (sql.Identifier(alias, column) for column in names)
    return sql.SQL("sha256(convert_to(row({})::text, 'UTF8'))").format(
        sql.SQL(", ").join([sql.Literal(shape), *values])
    )
