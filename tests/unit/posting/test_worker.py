"""The worker's loop: how long it waits, when it stops, what it moves on unsent."""

import uuid
from dataclasses import replace

import pytest

from ledgerline.posting.command import (
    Move,
    NextDue,
    Now,
    Queue,
    Send,
    State,
    Step,
    Stop,
    Take,
    Transition,
    Wait,
    WriteAhead,
)
from ledgerline.posting.port import Answer
from ledgerline.posting.protocol import BATCH_ENDED, work
from tests.unit.posting.sample import POLICY, WORK


def driven(policy, reply):
    """Run the worker; return its commands and why it stopped."""
    steps, told, answer = work(policy), [], None
    while True:
        try:
            told.append(steps.send(answer))
        except StopIteration as end:
            return told, end.value
        answer = reply(told[-1])


@pytest.mark.parametrize(
    ("due", "patience", "pauses"),
    [
        (1, 3, [1, 1, 1]),
        (3, 3, [1]),
        (3.1, 3, []),
        (0.5, 1, [0.5, 0.5]),
        (0, 0.05, [0.02] * 3),
    ],
)
def test_a_worker_waits_until_something_is_due_or_its_patience_ends(
    due, patience, pauses
):
    policy = replace(POLICY, patience_seconds=patience, poll_seconds=1)
    told, stop = driven(policy, lambda step: due if isinstance(step, NextDue) else ())
    assert stop is Stop.OUT_OF_PATIENCE
    assert [step.seconds for step in told if isinstance(step, Wait)] == pauses


@pytest.mark.parametrize("limit", [1, 2])
def test_a_worker_leaves_an_erp_that_it_does_not_reach(limit):
    lost = Answer(status=None, is_unreachable=True)

    def reply(step):
        if isinstance(step, Take):
            return (WORK,) if step.queue is Queue.READY else ()
        return {WriteAhead: (WORK,), Now: 0.0, Send: lost, NextDue: 1}.get(type(step))

    told, stop = driven(replace(POLICY, unreachable_limit=limit), reply)
    assert stop is Stop.ERP_UNREACHABLE
    assert len([step for step in told if isinstance(step, Send)]) == limit


@pytest.mark.parametrize(
    ("queue", "state", "moved"),
    [
        (
            Queue.EXPIRED,
            State.SENDING,
            Transition(state=State.UNKNOWN, error_code="LEASE_EXPIRED"),
        ),
        (
            Queue.SPENT,
            State.READY,
            Transition(state=State.DEAD, error_code="ATTEMPTS_EXHAUSTED"),
        ),
        (
            Queue.UNKNOWN,
            State.UNKNOWN,
            Transition(
                state=State.UNKNOWN, delay_seconds=2, error_code="ERP_UNREADABLE"
            ),
        ),
        (
            Queue.READY,
            State.SENDING,
            Transition(state=State.READY, error_code="LEASE_TOO_SHORT"),
        ),
    ],
)
def test_an_entry_that_is_not_sent_moves_on_and_says_why(queue, state, moved):
    taken = replace(WORK, state=state)
    left = [taken]

    def reply(step):
        if isinstance(step, Take):
            return (left.pop(),) if step.queue is queue and left else ()
        return {WriteAhead: (taken,), Now: WORK.lease_until}.get(type(step))

    told, stop = driven(POLICY, reply)
    assert stop is Stop.DRAINED
    assert [step for step in told if isinstance(step, Move)] == [
        Move((Step(taken, state, moved),))
    ]
    assert told.count(Take(Queue.EXPIRED)) == 2


def test_a_worker_without_work_stops():
    told, stop = driven(POLICY, lambda step: () if isinstance(step, Take) else None)
    assert stop is Stop.DRAINED
    assert {type(step) for step in told} == {Take, NextDue}


BATCH = tuple(replace(WORK, entry_id=uuid.UUID(int=number)) for number in range(4))
POSTED = Answer(status=200, is_json=True, erp_document="J1")
LATE = WORK.lease_until


def sent(answers, times=(), policy=POLICY, taken=BATCH):
    """Drive one batch and the claim after it; return its steps, and both limits."""
    answers, times, batches = iter(answers), iter(times), iter([taken])

    def reply(step):
        if isinstance(step, Take):
            return next(batches, ()) if step.queue is Queue.READY else ()
        if isinstance(step, Send):
            return next(answers)
        if isinstance(step, Now):
            return next(times, 0.0)
        return step.batch if isinstance(step, WriteAhead) else None

    told, _ = driven(replace(policy, unreachable_limit=9), reply)
    (moved,) = [step.steps for step in told if isinstance(step, Move)]
    limits = [
        step.limit
        for step in told
        if isinstance(step, Take) and step.queue is Queue.READY
    ]
    outcomes = [(step.transition.state, step.transition.error_code) for step in moved]
    assert [step.work for step in moved] == list(taken)
    assert {step.source for step in moved} == {State.SENDING}
    return outcomes, limits


@pytest.mark.parametrize(
    ("answers", "times", "outcomes", "limits"),
    [
        ([POSTED] * 4, [], [(State.POSTED, None)] * 4, [4, 4]),
        (
            [POSTED, replace(POSTED, status=500)],
            [],
            [
                (State.POSTED, None),
                (State.UNKNOWN, "ERP_UNKNOWN"),
                *[(State.READY, BATCH_ENDED)] * 2,
            ],
            [4, 4],
        ),
        (
            [POSTED] * 2,
            [0, 0, LATE],
            [*[(State.POSTED, None)] * 2, *[(State.READY, BATCH_ENDED)] * 2],
            [4, 2],
        ),
        (
            [],
            [LATE],
            [(State.READY, "LEASE_TOO_SHORT"), *[(State.READY, BATCH_ENDED)] * 3],
            [4, 1],
        ),
    ],
    ids=["all", "a call without an answer", "a short lease", "no lease at all"],
)
def test_what_a_batch_did_not_send_goes_back(answers, times, outcomes, limits):
    """As many are taken next as were sent while the lease held."""
    assert sent(answers, times, replace(POLICY, batch_limit=4)) == (outcomes, limits)


def test_a_refusal_and_a_busy_erp_do_not_end_a_batch():
    refused = Answer(status=422, is_refusal=True, error_code="CLOSED")
    busy = Answer(status=503, is_not_processed=True)
    outcomes, _ = sent([refused, busy, POSTED, POSTED])
    assert outcomes == [
        (State.REJECTED, "CLOSED"),
        (State.READY, "NOT_PROCESSED"),
        *[(State.POSTED, None)] * 2,
    ]


def test_a_batch_that_went_whole_is_followed_by_twice_as_many_up_to_the_limit():
    policy = replace(POLICY, batch_limit=3)
    _, limits = sent([POSTED], policy=policy, taken=BATCH[:1])
    assert limits == [3, 2]
    _, limits = sent([POSTED] * 2, policy=policy, taken=BATCH[:2])
    assert limits == [3, 3]


def test_what_was_fenced_out_is_not_sent():
    def reply(step):
        if isinstance(step, Take):
            return BATCH if step.queue is Queue.READY and not sends else ()
        if isinstance(step, Send):
            sends.append(step.work)
            return POSTED
        return {WriteAhead: BATCH[2:3], Now: 0.0}.get(type(step))

    sends = []
    told, _ = driven(POLICY, reply)
    assert sends == [BATCH[2]]
    (moved,) = [step for step in told if isinstance(step, Move)]
    assert [step.work for step in moved.steps] == [BATCH[2]]


def test_after_a_batch_that_was_fenced_out_whole_one_is_taken():
    batches = iter([BATCH])

    def reply(step):
        if isinstance(step, Take):
            return next(batches, ()) if step.queue is Queue.READY else ()
        return () if isinstance(step, WriteAhead) else None

    told, stop = driven(replace(POLICY, batch_limit=4), reply)
    taken = [step for step in told if isinstance(step, Take)]
    assert [step.limit for step in taken if step.queue is Queue.READY] == [4, 1]
    assert stop is Stop.DRAINED
    assert not [step for step in told if isinstance(step, Send | Move)]


def test_a_worker_that_keeps_a_pace_holds_one_entry():
    assert replace(POLICY, batch_limit=8, sends_per_minute=60).batch_size == 1
    assert replace(POLICY, batch_limit=8).batch_size == 8
