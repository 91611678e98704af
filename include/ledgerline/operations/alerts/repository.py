"""Alerts and their messages, as ops keeps them."""

from __future__ import annotations

from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow, class_row

from ledgerline.operations.alerts.alert import Alert
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named


def take_turn(connection: Connection) -> None:
    """Wait until no other session tells of alerts."""
    _run(connection, "take_turn")


def note(connection: Connection, asked_at: datetime, channels: list[str]) -> int:
    """Begin and end alerts by what is so now; return how many messages are new."""
    [(count,)] = _run(
        connection, "note", asked_at=asked_at, channels=channels
    ).fetchall()
    return int(count)


def left(connection: Connection, channel: str, asked_at: datetime) -> int:
    """Return how many messages a channel still takes in this hour."""
    [(count,)] = _run(connection, "left", channel=channel, asked_at=asked_at).fetchall()
    return max(int(count), 0)


def waiting(
    connection: Connection, channel: str, asked_at: datetime, limit: int
) -> list[Alert]:
    """Return what a channel has yet to be told, oldest first."""
    text = named(__package__, "queries.sql")["waiting"]
    given = {"channel": channel, "asked_at": asked_at, "limit": limit}
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(text, given).fetchall()


def note_sent(
    connection: Connection, channel: str, asked_at: datetime, alert: Alert
) -> None:
    """Note that a channel took a message."""
    _run(
        connection,
        "note_sent",
        channel=channel,
        asked_at=asked_at,
        alert_id=alert.alert_id,
        phase=alert.phase,
    )


def put_off(
    connection: Connection, channel: str, asked_at: datetime, error: str
) -> None:
    """Try a channel that failed again later, each time after twice as long."""
    _run(connection, "put_off", channel=channel, asked_at=asked_at, error=error)


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "queries.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
