"""What the posting protocol knows of an entry, and the commands that it yields.

Whoever drives the protocol carries the commands out and sends it their results.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from ledgerline.posting.document import Document


class State(StrEnum):
    """The states of an entry; post.transition lists the steps between them."""

    HELD = "HELD"
    READY = "READY"
    CLAIMED = "CLAIMED"
    SENDING = "SENDING"
    POSTED = "POSTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    CONFLICT = "CONFLICT"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class Stop(StrEnum):
    """Why the worker came to an end."""

    DRAINED = "drained"
    OUT_OF_PATIENCE = "out of patience"
    ERP_UNREACHABLE = "ERP unreachable"


@dataclass(frozen=True, kw_only=True)
class Work:
    """An entry in a worker's hands. `lease_until` is on the clock that Now reads.

    `forgiven` attempts no longer count as used up: they were made before a replay, or
    came to no call.
    """

    entry_id: UUID
    fence: int
    state: State
    attempts: int
    lease_until: float
    age_seconds: float
    content_sha256: str
    document: Document
    forgiven: int = 0

    @property
    def counted(self) -> int:
        """Attempts that count: pauses grow with them, and they run out."""
        return self.attempts - self.forgiven


@dataclass(frozen=True, kw_only=True)
class Transition:
    """The next state and what is written with it."""

    state: State
    delay_seconds: float = 0.0
    erp_document: str | None = None
    status: int | None = None
    error_code: str | None = None


class Queue(StrEnum):
    """Where a worker takes an entry from."""

    EXPIRED = "lease ran out"
    SPENT = "READY with its attempts or age used up"
    UNKNOWN = "in doubt, quiet time over"
    READY = "may be sent: nothing of its order key is before it"


@dataclass(frozen=True)
class Take:
    """Take at most so many entries of a queue, in order; answered with their Work.

    UNKNOWN and READY raise the fence; READY makes the entries CLAIMED. Of one order
    key no more than one can be READY and unblocked.
    """

    queue: Queue
    limit: int = 1


class Now:
    """Answered with the monotonic time in seconds."""


class NextDue:
    """Answered with seconds until something can be done, None when nothing will."""


@dataclass(frozen=True)
class WriteAhead:
    """Commit SENDING and the attempts before any call; answered with what holds.

    What was fenced out meanwhile is left out of the answer.
    """

    batch: tuple[Work, ...]


@dataclass(frozen=True)
class Send:
    """Call the ERP; answered with an Answer."""

    work: Work


@dataclass(frozen=True)
class ReadBack:
    """Ask the ERP for the reference; answered with documents, None if unreadable."""

    work: Work


@dataclass(frozen=True)
class Step:
    """A transition of one entry, from the state that it is known to be in."""

    work: Work
    source: State
    transition: Transition


@dataclass(frozen=True)
class Move:
    """Write each step whose fence and state still hold, in one transaction."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Wait:
    """Let time pass."""

    seconds: float


Command = Take | Now | NextDue | WriteAhead | Send | ReadBack | Move | Wait
