"""The posting protocol: decisions without input or output.

`work` yields commands and receives their results, so that the same code drives the
database and the ERP in production and a simulated world in tests. Everything that
decides whether a document is sent, sent again or taken as posted is here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from ledgerline.posting.document import Document, content_sha256
from ledgerline.posting.port import Answer, FoundDocument, Policy


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

    `forgiven` attempts were made before a replay and no longer count as used up.
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
    """Take the next entry of a queue; answered with Work or None.

    UNKNOWN and READY raise the fence; READY makes the entry CLAIMED.
    """

    queue: Queue


class Now:
    """Answered with the monotonic time in seconds."""


class NextDue:
    """Answered with seconds until something can be done, None when nothing will."""


@dataclass(frozen=True)
class WriteAhead:
    """Commit SENDING and the attempt before the call; answered with success."""

    work: Work


@dataclass(frozen=True)
class Send:
    """Call the ERP; answered with an Answer."""

    work: Work


@dataclass(frozen=True)
class ReadBack:
    """Ask the ERP for the reference; answered with documents, None if unreadable."""

    work: Work


@dataclass(frozen=True)
class Move:
    """Write a transition if fence and state still hold; answered with success."""

    work: Work
    source: State
    transition: Transition


@dataclass(frozen=True)
class Wait:
    """Let time pass."""

    seconds: float


Command = Take | Now | NextDue | WriteAhead | Send | ReadBack | Move | Wait


def backoff(attempts: int, policy: Policy) -> float:
    """Double the pause with every attempt, up to a limit."""
    pause = policy.backoff_seconds * 2.0 ** min(attempts, 30)
    return min(pause, policy.backoff_limit_seconds)


def after_lease(state: State) -> State:
    """Say where an expired lease leaves an entry: sent or not is what matters."""
    return State.READY if state is State.CLAIMED else State.UNKNOWN


def lease_covers_call(lease_until: float, now: float, call_seconds: float) -> bool:
    """Tell whether a call that starts now ends before the lease does."""
    return lease_until - now > call_seconds


def is_exhausted(attempts: int, age_seconds: float, policy: Policy) -> bool:
    """Tell whether an entry used up its attempts or its age."""
    return attempts >= policy.attempt_limit or age_seconds > policy.age_limit_seconds


def after_answer(answer: Answer, work: Work, policy: Policy) -> Transition:
    """Classify an answer: only what is certain leaves the doubt."""
    status, code = answer.status, answer.error_code or None
    if _is_posted(answer, work.content_sha256):
        return Transition(
            state=State.POSTED, erp_document=answer.erp_document, status=status
        )
    if answer.is_refusal and status in {400, 422}:
        return Transition(
            state=State.REJECTED, status=status, error_code=code or "ERP_REJECTED"
        )
    if answer.is_not_processed and status in {429, 503}:
        pause = max(answer.retry_after_seconds, backoff(work.attempts, policy))
        return Transition(
            state=State.READY,
            delay_seconds=pause,
            status=status,
            error_code=code or "NOT_PROCESSED",
        )
    return Transition(
        state=State.UNKNOWN, status=status, error_code=code or "ERP_UNKNOWN"
    )


def _is_posted(answer: Answer, expected_sha256: str) -> bool:
    if not answer.is_json or not answer.erp_document:
        return False
    if answer.status == 409:
        return answer.content_sha256 == expected_sha256
    if answer.status in {200, 201}:
        return answer.content_sha256 in {None, expected_sha256}
    return False


def after_read_back(
    found: Sequence[FoundDocument] | None, work: Work, policy: Policy
) -> Transition:
    """Decide an in-doubt entry by what the ERP holds under its reference.

    `found` is None when the ERP could not be read. A draft is not effective: sending
    again finishes or replaces it.
    """
    if found is None:
        is_too_old = work.age_seconds > policy.age_limit_seconds
        return Transition(
            state=State.DEAD if is_too_old else State.UNKNOWN,
            delay_seconds=backoff(work.attempts, policy),
            error_code="ERP_UNREADABLE",
        )
    effective = [document for document in found if document.is_effective]
    if not effective:
        counted = work.attempts - work.forgiven
        is_spent = is_exhausted(counted, work.age_seconds, policy)
        return Transition(
            state=State.DEAD if is_spent else State.READY,
            error_code="ABSENT_ON_READ_BACK",
        )
    if len(effective) == 1 and _is_same(effective[0], work):
        return Transition(
            state=State.POSTED, erp_document=effective[0].erp_document, status=200
        )
    return Transition(state=State.CONFLICT, error_code="ERP_CONFLICT")


def _is_same(found: FoundDocument, work: Work) -> bool:
    return content_sha256(found.document) == work.content_sha256


def work(policy: Policy) -> Generator[Command, Any, Stop]:
    """Send what is READY and settle what is in doubt, until nothing is left to do."""
    waited, unreached = 0.0, 0
    while True:
        stop, is_busy = yield from _step(policy)
        unreached += stop is Stop.ERP_UNREACHABLE
        if unreached >= policy.unreachable_limit:
            return Stop.ERP_UNREACHABLE
        if is_busy:
            continue
        due: float | None = yield NextDue()
        if due is None:
            return Stop.DRAINED
        if waited + due > policy.patience_seconds:
            return Stop.OUT_OF_PATIENCE
        pause = min(max(due, 0.02), policy.poll_seconds)
        waited += pause
        yield Wait(pause)


def _step(policy: Policy) -> Generator[Command, Any, tuple[Stop | None, bool]]:
    """Do one thing; say whether to stop, and whether there was anything to do."""
    expired: Work | None = yield Take(Queue.EXPIRED)
    if expired is not None:
        next_state = after_lease(expired.state)
        code = "LEASE_EXPIRED"
        moved = Transition(state=next_state, error_code=code)
        yield Move(expired, expired.state, moved)
        return None, True
    spent: Work | None = yield Take(Queue.SPENT)
    if spent is not None:
        dead = Transition(state=State.DEAD, error_code="ATTEMPTS_EXHAUSTED")
        yield Move(spent, State.READY, dead)
        return None, True
    doubtful: Work | None = yield Take(Queue.UNKNOWN)
    if doubtful is not None:
        found: Sequence[FoundDocument] | None = yield ReadBack(doubtful)
        settled = after_read_back(found, doubtful, policy)
        yield Move(doubtful, State.UNKNOWN, settled)
        return None, True
    ready: Work | None = yield Take(Queue.READY)
    if ready is not None:
        return (yield from _send(ready, policy)), True
    return None, False


def _send(ready: Work, policy: Policy) -> Generator[Command, Any, Stop | None]:
    """Send one entry: attempt first, lease checked last, answer classified."""
    is_written: bool = yield WriteAhead(ready)
    if not is_written:
        return None
    now: float = yield Now()
    if not lease_covers_call(ready.lease_until, now, policy.call_seconds):
        late = Transition(state=State.READY, error_code="LEASE_TOO_SHORT")
        yield Move(ready, State.SENDING, late)
        return None
    answer: Answer = yield Send(ready)
    yield Move(ready, State.SENDING, after_answer(answer, ready, policy))
    return Stop.ERP_UNREACHABLE if answer.is_unreachable else None
