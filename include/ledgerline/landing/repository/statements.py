"""The named statements of queries.sql, with the raw schema filled in, and run."""

from __future__ import annotations

from functools import cache

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.landing.stored import Batch
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named


@cache
def statement(name: str, schema: str) -> sql.Composed:
    """Return the statement of this name for one raw schema."""
    text = named(__package__, "queries.sql")[name]
    return sql.SQL(text).format(zone=sql.Identifier(schema))


def run(
    connection: Connection, query: str, schema: str = "ops", /, **values: object
) -> psycopg.Cursor[TupleRow]:
    """Run a named statement."""
    return connection.execute(
        statement(query, schema), values or None, binary=query == "read_chunks"
    )


def run_in(of: Batch, query: str, /, **values: object) -> psycopg.Cursor[TupleRow]:
    """Run a named statement on the batch's connection and raw schema."""
    return run(of.connection, query, of.schema, **values)


def value(cursor: psycopg.Cursor[TupleRow]) -> int:
    """Return the only value of the only row."""
    row = cursor.fetchone()
    assert row is not None  # noqa: S101
    return int(row[0])
