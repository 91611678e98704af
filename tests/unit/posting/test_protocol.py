"""The posting protocol's decisions, as tables."""

from dataclasses import replace

import pytest

from ledgerline.posting.command import State, Transition
from ledgerline.posting.port import Answer, FoundDocument, Identity, Policy, Profile
from ledgerline.posting.protocol import (
    after_answer,
    after_lease,
    after_read_back,
    backoff,
    is_exhausted,
    lease_covers_call,
)
from tests.unit.posting.sample import JOURNAL, OTHER, POLICY, SHA, WORK

ACCEPTED = Answer(status=201, is_json=True, erp_document="J1", content_sha256=SHA)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (ACCEPTED, State.POSTED),
        (replace(ACCEPTED, status=200), State.POSTED),
        (replace(ACCEPTED, content_sha256=None), State.POSTED),
        (replace(ACCEPTED, content_sha256="other"), State.UNKNOWN),
        (replace(ACCEPTED, erp_document=None), State.UNKNOWN),
        (replace(ACCEPTED, is_json=False), State.UNKNOWN),
        (replace(ACCEPTED, status=409), State.POSTED),
        (replace(ACCEPTED, status=409, content_sha256="other"), State.UNKNOWN),
        (replace(ACCEPTED, status=409, content_sha256=None), State.UNKNOWN),
        (replace(ACCEPTED, status=202), State.UNKNOWN),
        (replace(ACCEPTED, status=500), State.UNKNOWN),
        (Answer(status=None), State.UNKNOWN),
        (Answer(status=None, is_unreachable=True), State.UNKNOWN),
        (Answer(status=200), State.UNKNOWN),
        (Answer(status=500, is_json=True), State.UNKNOWN),
        (Answer(status=503), State.UNKNOWN),
        (Answer(status=429), State.UNKNOWN),
        (Answer(status=503, is_not_processed=True), State.READY),
        (Answer(status=429, is_not_processed=True), State.READY),
        (Answer(status=500, is_not_processed=True), State.UNKNOWN),
        (Answer(status=400, is_json=True), State.UNKNOWN),
        (Answer(status=400, is_json=True, is_refusal=True), State.REJECTED),
        (Answer(status=422, is_json=True, is_refusal=True), State.REJECTED),
        (Answer(status=404, is_json=True, is_refusal=True), State.UNKNOWN),
        (Answer(status=500, is_json=True, is_refusal=True), State.UNKNOWN),
    ],
)
def test_only_what_is_certain_leaves_the_doubt(answer, state):
    assert after_answer(answer, WORK, POLICY).state is state


def test_a_posted_document_keeps_the_number_that_the_erp_reports():
    assert after_answer(ACCEPTED, WORK, POLICY).erp_document == "J1"


def test_the_erp_decides_how_long_to_wait_when_it_asks_for_more():
    answer = Answer(status=429, is_not_processed=True, retry_after_seconds=90)
    assert after_answer(answer, WORK, POLICY).delay_seconds == 90


def found(document=JOURNAL, is_effective=True):
    return FoundDocument(
        erp_document="J1", is_effective=is_effective, document=document
    )


@pytest.mark.parametrize(
    ("documents", "attempts", "age", "state"),
    [
        ([found()], 1, 10, State.POSTED),
        ([found()], 99, 9999, State.POSTED),
        ([], 1, 10, State.READY),
        ([], 5, 10, State.DEAD),
        ([], 1, 1001, State.DEAD),
        ([found(is_effective=False)], 1, 10, State.READY),
        ([found(is_effective=False)], 5, 10, State.DEAD),
        ([found(is_effective=False), found()], 1, 10, State.POSTED),
        ([found(OTHER)], 1, 10, State.CONFLICT),
        ([found(), found()], 1, 10, State.CONFLICT),
        (None, 1, 10, State.UNKNOWN),
        (None, 9, 10, State.UNKNOWN),
        (None, 1, 1001, State.DEAD),
    ],
)
def test_a_doubt_is_settled_by_what_the_erp_holds(documents, attempts, age, state):
    doubtful = replace(WORK, attempts=attempts, age_seconds=age)
    assert after_read_back(documents, doubtful, POLICY).state is state


@pytest.mark.parametrize(
    ("state", "left"),
    [(State.CLAIMED, State.READY), (State.SENDING, State.UNKNOWN)],
)
def test_an_expired_lease_leaves_what_may_have_been_sent_in_doubt(state, left):
    assert after_lease(state) is left


@pytest.mark.parametrize(
    ("now", "covers"), [(80, True), (96.9, True), (97, False), (101, False)]
)
def test_a_call_starts_only_if_it_ends_before_the_lease(now, covers):
    assert lease_covers_call(100, now, 3) is covers


@pytest.mark.parametrize(
    ("attempts", "pause"), [(0, 1), (1, 2), (3, 8), (6, 60), (1000, 60)]
)
def test_the_pause_doubles_up_to_its_limit(attempts, pause):
    assert backoff(attempts, POLICY) == pause


def test_what_was_forgiven_makes_no_pause_longer():
    waited_behind_two = replace(WORK, attempts=3, forgiven=2)
    in_doubt = after_read_back(None, waited_behind_two, POLICY)
    busy = after_answer(BUSY, waited_behind_two, POLICY)
    assert (in_doubt.delay_seconds, busy.delay_seconds) == (2, 2)


@pytest.mark.parametrize(
    ("attempts", "age", "spent"),
    [(4, 1000, False), (5, 0, True), (0, 1000.1, True)],
)
def test_attempts_and_age_run_out(attempts, age, spent):
    assert is_exhausted(attempts, age, POLICY) is spent


def test_the_times_follow_from_what_the_adapter_declares():
    profile = Profile(
        identity=Identity.REF,
        request_seconds=15,
        call_seconds=45,
        in_flight_seconds=10,
        pause_seconds=5,
    )
    policy = Policy.of(profile)
    assert policy.lease_seconds > policy.call_seconds + profile.pause_seconds
    assert policy.quiet_seconds > 15 + 10 + 5


@pytest.mark.parametrize(
    ("identity", "in_flight", "may_duplicate", "safe"),
    [
        (Identity.KEY, 10, True, True),
        (Identity.REF, 10, True, True),
        (Identity.REF, None, True, False),
        (Identity.NONE, 10, True, False),
        (Identity.NONE, 10, False, True),
        (Identity.NONE, None, False, False),
    ],
)
def test_an_erp_without_identity_is_not_posted_to_by_itself(
    identity, in_flight, may_duplicate, safe
):
    profile = Profile(
        identity=identity,
        request_seconds=1,
        call_seconds=1,
        in_flight_seconds=in_flight,
        may_duplicate=may_duplicate,
    )
    assert profile.is_safe is safe


BUSY = Answer(status=503, is_not_processed=True)


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        (ACCEPTED, Transition(state=State.POSTED, erp_document="J1", status=201)),
        (
            Answer(status=422, is_refusal=True),
            Transition(state=State.REJECTED, status=422, error_code="ERP_REJECTED"),
        ),
        (
            Answer(status=400, is_refusal=True, error_code="CLOSED"),
            Transition(state=State.REJECTED, status=400, error_code="CLOSED"),
        ),
        (
            BUSY,
            Transition(
                state=State.READY,
                delay_seconds=2,
                status=503,
                error_code="NOT_PROCESSED",
            ),
        ),
        (
            replace(BUSY, error_code="FULL"),
            Transition(
                state=State.READY, delay_seconds=2, status=503, error_code="FULL"
            ),
        ),
        (
            Answer(status=500),
            Transition(state=State.UNKNOWN, status=500, error_code="ERP_UNKNOWN"),
        ),
        (
            Answer(status=None, error_code="LOST"),
            Transition(state=State.UNKNOWN, error_code="LOST"),
        ),
    ],
)
def test_an_answer_is_kept_with_its_status_and_reason(answer, step):
    assert after_answer(answer, WORK, POLICY) == step


@pytest.mark.parametrize(
    ("documents", "step"),
    [
        (
            None,
            Transition(
                state=State.UNKNOWN, delay_seconds=2, error_code="ERP_UNREADABLE"
            ),
        ),
        ([], Transition(state=State.READY, error_code="ABSENT_ON_READ_BACK")),
        ([found()], Transition(state=State.POSTED, erp_document="J1", status=200)),
        ([found(OTHER)], Transition(state=State.CONFLICT, error_code="ERP_CONFLICT")),
    ],
)
def test_a_settled_doubt_says_why(documents, step):
    assert after_read_back(documents, WORK, POLICY) == step


def test_an_entry_is_as_old_as_it_may_be_without_being_too_old():
    aged = replace(WORK, age_seconds=POLICY.age_limit_seconds)
    assert after_read_back(None, aged, POLICY).state is State.UNKNOWN


def test_attempts_that_were_forgiven_do_not_count():
    replayed = replace(WORK, attempts=7, forgiven=3)
    assert after_read_back([], replayed, POLICY).state is State.READY
    assert after_read_back([], replace(replayed, forgiven=2), POLICY).state is (
        State.DEAD
    )
