"""The breaker: an ERP that fails call after call is left alone for a while.

Open, nothing is sent. When its rest is over one document goes as a probe (half open);
its answer closes the breaker, its failure opens it again. A probe whose worker died is
not waited for longer than its lease: another goes then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ledgerline.posting.port import Answer, Policy


class Position(StrEnum):
    """Whether documents pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """The breaker of one ERP, on the database's clock.

    `failures` came one after the other. Unless it is closed, nothing passes before
    `until`.
    """

    position: Position = Position.CLOSED
    failures: int = 0
    until: float = 0.0


def is_failing(answer: Answer) -> bool:
    """Tell whether an answer is none: it says nothing about the document.

    An ERP that says it is busy, as its contract has it, is there.
    """
    if answer.is_not_processed:
        return False
    return answer.status is None or answer.status >= 500


def admit(breaker: Breaker, now: float, policy: Policy) -> Breaker | None:
    """Return the breaker as a document passes it; None when none may."""
    if breaker.position is Position.CLOSED:
        return breaker
    if now < breaker.until:
        return None
    until = now + policy.lease_seconds
    return replace(breaker, position=Position.HALF_OPEN, until=until)


def after_call(
    breaker: Breaker, now: float, policy: Policy, *, is_failure: bool
) -> Breaker:
    """Return the breaker as a call leaves it."""
    if not is_failure:
        return Breaker()
    failures = breaker.failures + 1
    is_closed = breaker.position is Position.CLOSED
    is_resting = breaker.position is Position.OPEN and now < breaker.until
    if is_resting or (is_closed and failures < policy.breaker_failures):
        return replace(breaker, failures=failures)
    until = now + policy.breaker_seconds
    return Breaker(position=Position.OPEN, failures=failures, until=until)
