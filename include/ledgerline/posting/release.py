"""Release: HELD entries become READY, when a passing verdict covers their rows."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ledgerline.posting.repository import planning

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReleaseReport:
    """How many entries were released and how many stay held, with their amounts."""

    released: int
    released_cents: int
    held: int
    held_cents: int


def release(dsn: str) -> ReleaseReport:
    """Release every held entry that the gate's verdict covers.

    The database decides (post.is_releasable, which also guards the step itself): an
    entry without a passing verdict over exactly its rows stays HELD.
    """
    with planning.connection(dsn) as connection, connection.transaction():
        planning.lock_planning(connection)
        released = planning.release_entries(connection)
        held = planning.held_entries(connection)
    log.info("%d entries released, %d stay held", len(released), len(held))
    return ReleaseReport(
        released=len(released),
        released_cents=sum(released),
        held=len(held),
        held_cents=sum(held),
    )
