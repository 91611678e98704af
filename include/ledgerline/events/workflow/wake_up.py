"""Tell that events or mail wait, soon after they do.

PostgreSQL notifies; a look every half minute finds what no notification told, such as
an event whose time has come. Many at once are one wake-up: who is woken drains the
table.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ledgerline.store.engine import Connection, connect
from ledgerline.store.statements import named

log = logging.getLogger(__name__)
_CHANNEL = "listen ledgerline_events"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds: at most between two looks, to gather many, to wait for a server."""

    look: float = 30.0
    gather: float = 0.5
    reconnect: float = 5.0


async def work_waits(dsn: str, pace: Pace | None = None) -> AsyncIterator[int]:
    """Yield how much waits, at once and then each time that something is added.

    Goes on when the database was away.
    """
    pace = pace or Pace()
    while True:
        try:
            async for count in _listen(dsn, pace):
                yield count
        except psycopg.OperationalError as error:
            log.warning("the warehouse is away: %s", type(error).__name__)
            await asyncio.sleep(pace.reconnect)


def wait_for_work(dsn: str, seconds: float, gather: float = 0.2) -> bool:
    """Wait until something waits, or for so long; return whether it does.

    What comes together with it is gathered first.
    """
    with connect(dsn) as connection:
        connection.execute(_CHANNEL)
        if not _count(connection):
            for _ in connection.notifies(timeout=seconds, stop_after=1):
                pass
        time.sleep(gather)
        return _count(connection) > 0


def _count(connection: Connection) -> int:
    found = connection.execute(_waiting_query()).fetchone()
    return int(found[0]) if found else 0


async def _listen(dsn: str, pace: Pace) -> AsyncIterator[int]:
    connection = await psycopg.AsyncConnection.connect(
        dsn, autocommit=True, connect_timeout=10, application_name="ledgerline"
    )
    async with connection:
        await connection.execute(_CHANNEL)
        while True:
            if count := await _waiting(connection):
                yield count
            async for _ in connection.notifies(timeout=pace.look, stop_after=1):
                pass
            await asyncio.sleep(pace.gather)
            async for _ in connection.notifies(timeout=0):
                pass


async def _waiting(connection: psycopg.AsyncConnection[Any]) -> int:
    found = await (await connection.execute(_waiting_query())).fetchone()
    return int(found[0]) if found else 0


def _waiting_query() -> sql.SQL:
    return sql.SQL(named(__package__, "queries.sql")["count_waiting"])
