"""What waits in the candidates, and what belongs to an encounter."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow, dict_row

from ledgerline.store.engine import Connection, is_there
from ledgerline.store.statements import named


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction keeps these exceptions."""
    _run(connection, "take_turn")


def waiting(connection: Connection) -> dict[int, str]:
    """Return the records that wait, each with why."""
    return {row[0]: row[1] for row in _run(connection, "waiting")}


def correlate(connection: Connection) -> int:
    """Note visits and encounters without an instance; return how many names."""
    [(count,)] = _run(connection, "correlate").fetchall()
    return int(count)


def correlated(
    connection: Connection, identifier: str
) -> list[tuple[UUID, list[str], list[str]]]:
    """Return (correlation id, names, accounts) of what an identifier names."""
    encounters = [identifier]
    if is_there(connection, "conformed.fct_claim"):
        found = _run(connection, "encounters_of_claim", identifier=identifier)
        encounters += [row[0] for row in found]
    rows = _run(
        connection, "correlated", identifier=identifier, encounters=encounters
    ).fetchall()
    return [(row[0], row[1], row[2] or []) for row in rows]


def links(connection: Connection, correlation_id: UUID) -> list[dict[str, Any]]:
    """Return the links of a chain, first to last."""
    return _rows(connection, "links", correlation_id=correlation_id)


def clock(connection: Connection) -> datetime:
    """Return the time by the database's clock."""
    [(moment,)] = _run(connection, "clock").fetchall()
    return moment  # type: ignore[no-any-return]


def attempts_since(connection: Connection, moment: datetime) -> list[dict[str, Any]]:
    """Return the calls to the ERP that began since, each with its document."""
    return _rows(connection, "attempts_since", moment=moment)


def _rows(
    connection: Connection, query: str, /, **values: object
) -> list[dict[str, Any]]:
    text = named(__package__, "queries.sql")[query]
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text, values).fetchall()


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "queries.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
