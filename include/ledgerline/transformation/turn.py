"""Whose turn it is to build: the tasks of a full run, or the one task of events.

Both make the same candidates, judge and publish them. Whoever comes second waits, or
leaves what it wanted to the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledgerline.store.engine import connect
from ledgerline.transformation import repository


@contextmanager
def turn_of_events(dsn: str) -> Iterator[bool]:
    """Hold the turn from build to publication; False where another process holds it.

    A process that is killed gives it back.
    """
    with connect(dsn) as connection:
        yield repository.try_turn_of_events(connection)


def await_turn(dsn: str) -> None:
    """Wait until events are built and published.

    Those that come later stand back as long as the run that calls this is under way.
    """
    with connect(dsn) as connection:
        repository.await_turn_of_events(connection)
