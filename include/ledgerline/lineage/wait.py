"""Keep an exception for every reference that waits, and settle those that came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ledgerline.landing.waiting import Reason, keep
from ledgerline.lineage import repository
from ledgerline.store.engine import connect

PATIENCE = timedelta(days=7)
"""How long after its landing a record may wait for what it refers to."""


@dataclass(frozen=True, kw_only=True)
class WaitReport:
    """What waits now, and what changed since the build before."""

    waiting: int
    added: int
    settled: int


def note_waiting(dsn: str) -> WaitReport:
    """Bring the exceptions of class ORDER_WAIT in step with the claims as built.

    A replacement or void waits for its prior and a reversal for its original, until
    PATIENCE after it landed; then it is overdue. Safe to repeat: a record is there
    once, and one that somebody dismissed stays away.
    """
    with connect(dsn) as connection, connection.transaction():
        repository.take_turn(connection)
        waiting = repository.waiting(connection)
        reason = Reason(zone="billing", stage="lineage", patience=PATIENCE)
        changes = keep(connection, reason, waiting)
    return WaitReport(
        waiting=len(waiting), added=changes.added, settled=changes.settled
    )
