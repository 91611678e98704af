"""The tables of events, queues and expected steps in ops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.events.event import AHEAD
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named

Queues = Sequence[tuple[str, str]]
"""Event kind and handler."""


def emit_completions(
    connection: Connection, visits: Sequence[tuple[str, str]], queues: Queues
) -> int:
    """Note which visits ended or were taken back, compared with their last event."""
    if not visits:
        return 0
    facilities, numbers = zip(*visits, strict=True)
    asked = {"facilities": list(facilities), "numbers": list(numbers)}
    return _emit(connection, "emit_completions", queues, asked)


def emit_landed(connection: Connection, zone: str, queues: Queues) -> int:
    """Note what records of a zone say that were not looked at yet, source by source."""
    count = 0
    for source, batch_id, after in _run(connection, "sources_to_read", zone=zone):
        extent = {"source": source, "after": after, "zone": zone}
        count += _emit(connection, f"emit_{zone}", queues, extent)
        _run(connection, f"note_read_{zone}", batch_id=batch_id or 0, **extent)
    return count


def take_turn(connection: Connection) -> None:
    """Wait until nobody else handles events; held until the connection closes."""
    _run(connection, "take_turn")


def waiting(connection: Connection, handler: str, limit: int) -> list[int]:
    """Return the events of a handler whose time has come, oldest first."""
    found = _run(connection, "waiting", handler=handler, limit=limit)
    return [row[0] for row in found]


def note_done(connection: Connection, handler: str, events: Sequence[int]) -> None:
    """Take events off a handler's queue."""
    _run(connection, "note_done", handler=handler, events=list(events))


def note_error(
    connection: Connection, handler: str, event: int, code: str, tries: int
) -> bool:
    """Put an event off after an error; return whether it was its last try."""
    values = {"handler": handler, "event": event, "code": code, "tries": tries}
    return bool(_run(connection, "note_error", **values).fetchall()[0][0])


def put_off(connection: Connection, handler: str, pause: timedelta) -> None:
    """Let all that waits for a handler wait, without counting a try."""
    _run(connection, "put_off", handler=handler, pause=pause)


def retry(connection: Connection, handler: str) -> int:
    """Queue again what a handler gave up, or puts off; return how many events."""
    return _run(connection, "retry", handler=handler).rowcount


def expect(connection: Connection, step: str, events: Sequence[int]) -> None:
    """Expect a step of the instances that the events belong to."""
    _run(connection, "expect", step=step, events=list(events))


def withdraw(connection: Connection, events: Sequence[int]) -> None:
    """Take back the open steps that discharges before these events expect."""
    _run(connection, "withdraw", events=list(events))


def left_beds(connection: Connection, events: Sequence[int]) -> list[int]:
    """Return the events of visits that left a bed, within the time it is due in."""
    return [row[0] for row in _run(connection, "left_beds", events=list(events))]


def note_places(connection: Connection, events: Sequence[int]) -> None:
    """Keep the bed that each of the visits left."""
    _run(connection, "note_places", events=list(events))


def with_orders(connection: Connection, events: Sequence[int]) -> list[int]:
    """Return the events of visits for which the pharmacy has orders."""
    return [row[0] for row in _run(connection, "with_orders", events=list(events))]


def after_discharge(connection: Connection, events: Sequence[int]) -> list[int]:
    """Return the events of visits that no feed says are still going on."""
    return [row[0] for row in _run(connection, "after_discharge", events=list(events))]


def observe(connection: Connection) -> int:
    """Note which open steps happened; return how many."""
    return int(_run(connection, "observe").fetchall()[0][0])


def stuck(connection: Connection) -> list[TupleRow]:
    """Return what is overdue or given up, by kind of work and owner."""
    return _run(connection, "stuck").fetchall()


def queues(connection: Connection) -> list[TupleRow]:
    """Return what each handler has left to do."""
    return _run(connection, "queues").fetchall()


def _emit(
    connection: Connection, query: str, queues: Queues, values: Mapping[str, object]
) -> int:
    """Insert events and queue those that are new; return how many are."""
    kinds, handlers = zip(*queues, strict=True)
    queued = {"kinds": list(kinds), "handlers": list(handlers), "ahead": AHEAD}
    statements = named(__package__, "queries.sql")
    text = sql.SQL(statements[query] + statements["queue_emitted"])
    found = connection.execute(text, {**values, **queued}).fetchall()
    return int(found[0][0])


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "queries.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
