"""Write events down, in the transaction that finds them out.

Said again, an event is the same row. Each is queued for every handler of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledgerline.events.workflow import repository
from ledgerline.events.workflow.handlers import HANDLERS
from ledgerline.store.engine import Connection

QUEUES = [
    (kind.value, handler.__name__)
    for kind, handlers in HANDLERS.items()
    for handler in handlers
]
ZONES = ("ehr", "billing")


def emit_completions(connection: Connection, visits: Iterable[tuple[str, str]]) -> int:
    """Write down the visits (facility, number) that ended, or did not after all.

    An event says only what the one before it did not: folded again, updated a thousand
    times, a discharge remains one event.
    """
    return repository.emit_completions(connection, sorted(visits), QUEUES)


def emit_landed(connection: Connection, zone: str) -> int:
    """Write down what the records say that landed in a zone since the last time."""
    with connection.transaction():
        return repository.emit_landed(connection, zone, QUEUES)
