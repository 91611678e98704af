"""The posting protocol: decisions without input or output.

`work` yields commands and receives their results, so that the same code drives the
database and the ERP in production and a simulated world in tests. Everything that
decides whether a document is sent, sent again or taken as posted is here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ledgerline.posting.command import (
    Command,
    Move,
    NextDue,
    Now,
    Queue,
    ReadBack,
    Send,
    State,
    Step,
    Stop,
    Take,
    Transition,
    Wait,
    Work,
    WriteAhead,
)
from ledgerline.posting.document import content_sha256
from ledgerline.posting.port import Answer, FoundDocument, Policy
from ledgerline.posting.route.breaker import is_failing

BATCH_ENDED = "BATCH_ENDED"
"""Why an entry was not sent: its batch ended before it; its attempt is forgiven."""


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
        pause = max(answer.retry_after_seconds, backoff(work.counted, policy))
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
            delay_seconds=backoff(work.counted, policy),
            error_code="ERP_UNREADABLE",
        )
    effective = [document for document in found if document.is_effective]
    if not effective:
        is_spent = is_exhausted(work.counted, work.age_seconds, policy)
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
    waited, unreached, limit = 0.0, 0, policy.batch_size
    while True:
        done = yield from _turn(policy, limit)
        limit = done.limit
        unreached += done.is_unreachable
        if unreached >= policy.unreachable_limit:
            return Stop.ERP_UNREACHABLE
        if done.is_busy:
            continue
        due: float | None = yield NextDue()
        if due is None:
            return Stop.DRAINED
        if waited + due > policy.patience_seconds:
            return Stop.OUT_OF_PATIENCE
        pause = min(max(due, 0.02), policy.poll_seconds)
        waited += pause
        yield Wait(pause)


@dataclass(frozen=True, kw_only=True)
class _Done:
    """What one turn came to: how many to take next, and whether there was any work."""

    limit: int
    is_busy: bool = True
    is_unreachable: bool = False


def _turn(policy: Policy, limit: int) -> Generator[Command, Any, _Done]:
    """Do one thing: what stands still goes before what can be sent."""
    step = yield from _overdue(policy)
    if step is not None:
        yield Move((step,))
        return _Done(limit=limit)
    ready: Sequence[Work] = yield Take(Queue.READY, limit)
    if not ready:
        return _Done(limit=limit, is_busy=False)
    return (yield from _send(tuple(ready), policy))


def _overdue(policy: Policy) -> Generator[Command, Any, Step | None]:
    """Decide one entry that a lease, its attempts or a doubt has left standing."""
    taken: Sequence[Work] = yield Take(Queue.EXPIRED)
    for expired in taken:
        left = after_lease(expired.state)
        moved = Transition(state=left, error_code="LEASE_EXPIRED")
        return Step(expired, expired.state, moved)
    taken = yield Take(Queue.SPENT)
    for spent in taken:
        dead = Transition(state=State.DEAD, error_code="ATTEMPTS_EXHAUSTED")
        return Step(spent, State.READY, dead)
    taken = yield Take(Queue.UNKNOWN)
    for doubtful in taken:
        found: Sequence[FoundDocument] | None = yield ReadBack(doubtful)
        settled = after_read_back(found, doubtful, policy)
        return Step(doubtful, State.UNKNOWN, settled)
    return None


def _send(batch: tuple[Work, ...], policy: Policy) -> Generator[Command, Any, _Done]:
    """Send one after the other: attempts first, the lease looked at before each call.

    Fewer are taken next when the lease was over before the attempts were written.
    What is left when the lease gets short, or a call brings no answer, was not sent
    and goes back. Answers that a crash keeps from being written are doubts.
    """
    written: Sequence[Work] = yield WriteAhead(batch)
    steps: list[Step] = []
    is_late = not written
    answer: Answer | None = None
    for ready in written:
        now: float = yield Now()
        is_late = not lease_covers_call(ready.lease_until, now, policy.call_seconds)
        if is_late:
            break
        answer = yield Send(ready)
        steps.append(Step(ready, State.SENDING, after_answer(answer, ready, policy)))
        if is_failing(answer):
            break
    sent = len(steps)
    steps += _unsent(written[sent:], is_first=sent == 0)
    if steps:
        yield Move(tuple(steps))
    size = max(sent, 1) if is_late else min(2 * len(batch), policy.batch_size)
    is_unreachable = answer is not None and answer.is_unreachable
    return _Done(limit=size, is_unreachable=is_unreachable)


def _unsent(left: Sequence[Work], *, is_first: bool) -> list[Step]:
    """Give back what was written ahead and not sent.

    The first of a batch had the whole lease: that it was too short counts as one of
    its attempts. What waited behind another one does not pay for it.
    """
    return [
        Step(
            each,
            State.SENDING,
            Transition(
                state=State.READY,
                error_code="LEASE_TOO_SHORT" if is_first and at == 0 else BATCH_ENDED,
            ),
        )
        for at, each in enumerate(left)
    ]
