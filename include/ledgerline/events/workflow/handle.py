"""Handle what waits: each handler works off its own queue, and fails alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg

from ledgerline.canonical.errors import LedgerlineError, Rejected
from ledgerline.events.workflow import emission, repository
from ledgerline.events.workflow.event import EventKind
from ledgerline.events.workflow.handlers import HANDLERS, Handler
from ledgerline.store.engine import Connection, connect

log = logging.getLogger(__name__)
Table = Mapping[EventKind, tuple[Handler, ...]]
_EVENTS_AT_ONCE = 2_000
_TRIES = 5
"""After so many errors of one event in one handler a person acts."""
_ERRORS_IN_A_ROW = 10
"""After so many, the fault is the handler's: its queue waits, unjudged."""
_PAUSE = timedelta(minutes=1)


class HandlerUnknown(Rejected):
    """No handler has this name."""

    code = "HANDLER_UNKNOWN"


@dataclass(kw_only=True)
class HandleReport:
    """What one drain did."""

    emitted: int = 0
    handled: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    given_up: int = 0
    observed: int = 0


def handle_events(dsn: str, *, table: Table = HANDLERS) -> HandleReport:
    """Drain the queue of every handler, then note which expected steps happened.

    Safe to repeat and to kill: an event leaves a queue in the transaction of what its
    handler did. One drain at a time; the next one finds nothing to do.
    """
    report = HandleReport()
    with connect(dsn) as connection:
        repository.take_turn(connection)
        for zone in emission.ZONES:
            report.emitted += emission.emit_landed(connection, zone)
        for handler in dict.fromkeys(h for each in table.values() for h in each):
            _drain(connection, handler, report)
        report.observed = repository.observe(connection)
    return report


def retry(dsn: str, handler: str) -> int:
    """Queue again what a handler gave up; return how many events."""
    names = sorted(h.__name__ for each in HANDLERS.values() for h in each)
    if handler not in names:
        raise HandlerUnknown(
            f"no handler is called {handler}; there are: {', '.join(names)}"
        )
    with connect(dsn) as connection:
        return repository.retry(connection, handler)


def _drain(connection: Connection, handler: Handler, report: HandleReport) -> None:
    name = handler.__name__
    while events := repository.waiting(connection, name, _EVENTS_AT_ONCE):
        if _try(connection, handler, events) == "":
            report.handled[name] = report.handled.get(name, 0) + len(events)
        elif not _one_by_one(connection, handler, events, report):
            repository.put_off(connection, name, _PAUSE)
            log.error("%s fails for every event; its queue waits", name)
            return


def _one_by_one(
    connection: Connection,
    handler: Handler,
    events: Sequence[int],
    report: HandleReport,
) -> bool:
    """Find the events at fault; return False when it is the handler."""
    name = handler.__name__
    in_a_row = 0
    for event in events:
        code = _try(connection, handler, [event])
        if code == "":
            report.handled[name] = report.handled.get(name, 0) + 1
            in_a_row = 0
            continue
        in_a_row += 1
        report.errors[name] = report.errors.get(name, 0) + 1
        log.warning("%s failed for event %d: %s", name, event, code)
        report.given_up += repository.note_error(connection, name, event, code, _TRIES)
        if in_a_row == _ERRORS_IN_A_ROW:
            return False
    return True


def _try(connection: Connection, handler: Handler, events: Sequence[int]) -> str:
    """Let a handler act in one transaction; return the code of its error, else ''."""
    try:
        with connection.transaction():
            handler(connection, events)
            repository.note_done(connection, handler.__name__, events)
    except psycopg.OperationalError:
        raise
    except LedgerlineError as error:
        return error.code
    except psycopg.Error as error:
        return f"SQLSTATE {error.sqlstate}"
    except Exception as error:  # whatever a handler does wrong stays with its events
        return type(error).__name__
    return ""
