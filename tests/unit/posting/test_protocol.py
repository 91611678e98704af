"""The posting protocol's decisions, as tables."""

import uuid
from dataclasses import replace
from datetime import date

import pytest

from ledgerline.posting.document import Journal, JournalLine, content_sha256
from ledgerline.posting.port import Answer, FoundDocument, Identity, Policy, Profile
from ledgerline.posting.protocol import (
    NextDue,
    State,
    Stop,
    Take,
    Work,
    after_answer,
    after_lease,
    after_read_back,
    backoff,
    is_exhausted,
    lease_covers_call,
    work,
)

POLICY = Policy(
    call_seconds=3,
    lease_seconds=20,
    quiet_seconds=12,
    backoff_seconds=1,
    backoff_limit_seconds=60,
    attempt_limit=5,
    age_limit_seconds=1000,
)
JOURNAL = Journal(
    reference="LL|k|MVH|2026-01-11|-|v1",
    posting_date=date(2026, 1, 11),
    lines=(
        JournalLine(account_code="11200", amount_cents=500),
        JournalLine(account_code="40100", amount_cents=-500),
    ),
)
OTHER = replace(JOURNAL, posting_date=date(2026, 1, 12))
SHA = content_sha256(JOURNAL)
WORK = Work(
    entry_id=uuid.UUID(int=1),
    fence=1,
    state=State.SENDING,
    attempts=1,
    lease_until=100,
    age_seconds=10,
    content_sha256=SHA,
    document=JOURNAL,
)
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


def drive_without_work():
    steps = work(POLICY)
    command = next(steps)
    while True:
        assert isinstance(command, Take | NextDue)
        command = steps.send(None)


def test_a_worker_without_work_stops():
    with pytest.raises(StopIteration) as end:
        drive_without_work()
    assert end.value.value is Stop.DRAINED
