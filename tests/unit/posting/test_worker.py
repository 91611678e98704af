"""The worker's loop: how long it waits, when it stops, what it moves on unsent."""

from dataclasses import replace

import pytest

from ledgerline.posting.port import Answer
from ledgerline.posting.protocol import (
    Move,
    NextDue,
    Now,
    Queue,
    Send,
    State,
    Stop,
    Take,
    Transition,
    Wait,
    WriteAhead,
    work,
)
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
    told, stop = driven(policy, lambda step: due if isinstance(step, NextDue) else None)
    assert stop is Stop.OUT_OF_PATIENCE
    assert [step.seconds for step in told if isinstance(step, Wait)] == pauses


@pytest.mark.parametrize("limit", [1, 2])
def test_a_worker_leaves_an_erp_that_it_does_not_reach(limit):
    lost = Answer(status=None, is_unreachable=True)

    def reply(step):
        if isinstance(step, Take):
            return WORK if step.queue is Queue.READY else None
        return {WriteAhead: True, Now: 0.0, Send: lost, NextDue: 1}.get(type(step))

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
        if isinstance(step, Take) and step.queue is queue and left:
            return left.pop()
        return {WriteAhead: True, Now: WORK.lease_until}.get(type(step))

    told, stop = driven(POLICY, reply)
    assert stop is Stop.DRAINED
    assert [step for step in told if isinstance(step, Move)] == [
        Move(taken, state, moved)
    ]
    assert told.count(Take(Queue.EXPIRED)) == 2


def test_a_worker_without_work_stops():
    told, stop = driven(POLICY, lambda step: None)
    assert stop is Stop.DRAINED
    assert {type(step) for step in told} == {Take, NextDue}
