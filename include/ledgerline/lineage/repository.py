"""What waits in the candidates."""

from __future__ import annotations

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.store.engine import Connection
from ledgerline.store.statements import named


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction keeps these exceptions."""
    _run(connection, "take_turn")


def waiting(connection: Connection) -> dict[int, str]:
    """Return the records that wait, each with why."""
    return {row[0]: row[1] for row in _run(connection, "waiting")}


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "queries.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
