"""When an ERP is left alone, probed and called again, as tables."""

import pytest

from ledgerline.posting.port import Answer, Policy
from ledgerline.posting.route.breaker import (
    Breaker,
    Position,
    admit,
    after_call,
    is_failing,
)

POLICY = Policy(
    call_seconds=1,
    lease_seconds=7,
    quiet_seconds=1,
    breaker_failures=3,
    breaker_seconds=30,
)
CLOSED = Breaker()
RESTING = Breaker(position=Position.OPEN, failures=3, until=130)
PROBED = Breaker(position=Position.HALF_OPEN, failures=3, until=107)


@pytest.mark.parametrize(
    ("answer", "failing"),
    [
        (Answer(status=None), True),
        (Answer(status=500), True),
        (Answer(status=503), True),
        (Answer(status=503, is_not_processed=True), False),
        (Answer(status=429, is_not_processed=True), False),
        (Answer(status=499), False),
        (Answer(status=202), False),
        (Answer(status=422, is_refusal=True), False),
    ],
)
def test_only_an_answer_that_says_nothing_is_a_failure(answer, failing):
    assert is_failing(answer) is failing


@pytest.mark.parametrize(
    ("breaker", "now", "passed"),
    [
        (CLOSED, 0, CLOSED),
        (RESTING, 129.9, None),
        (RESTING, 130, Breaker(position=Position.HALF_OPEN, failures=3, until=137)),
        (PROBED, 106.9, None),
        (PROBED, 107, Breaker(position=Position.HALF_OPEN, failures=3, until=114)),
    ],
)
def test_what_passes(breaker, now, passed):
    assert admit(breaker, now, POLICY) == passed


@pytest.mark.parametrize(
    ("breaker", "now", "left"),
    [
        (CLOSED, 100, Breaker(failures=1)),
        (Breaker(failures=1), 100, Breaker(failures=2)),
        (Breaker(failures=2), 100, RESTING),
        (PROBED, 100, Breaker(position=Position.OPEN, failures=4, until=130)),
        (RESTING, 129, Breaker(position=Position.OPEN, failures=4, until=130)),
        (RESTING, 130, Breaker(position=Position.OPEN, failures=4, until=160)),
    ],
)
def test_what_a_failure_leaves(breaker, now, left):
    assert after_call(breaker, now, POLICY, is_failure=True) == left


@pytest.mark.parametrize("breaker", [CLOSED, Breaker(failures=2), RESTING, PROBED])
def test_an_answer_closes(breaker):
    assert after_call(breaker, 100, POLICY, is_failure=False) == CLOSED
