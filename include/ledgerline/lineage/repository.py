"""What waits in the candidates, and the exceptions that say so."""

from __future__ import annotations

from collections.abc import Mapping

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


def add(
    connection: Connection, messages: Mapping[int, str], shared: Mapping[str, object]
) -> int:
    """Make an exception of each record that has none; return how many."""
    return sum(
        _run(connection, "add", **shared, record_id=record_id, message=message).rowcount
        for record_id, message in messages.items()
    )


def settle(connection: Connection, messages: Mapping[int, str]) -> int:
    """Close the exceptions of records that no longer wait; return how many."""
    return _run(connection, "settle", record_ids=list(messages)).rowcount


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "queries.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
