"""Seeded schedules over the production protocol, and planted bugs.

The long run is tests/integration/posting/test_simulation_at_length.py.

A planted bug that is no longer found means that the simulator went blind.
"""

from dataclasses import replace

import pytest

from ledgerline.posting import protocol
from ledgerline.posting.command import State, Transition
from ledgerline.posting.port import Identity
from ledgerline.posting.route import breaker
from ledgerline.posting.route.breaker import Position
from tests.unit.posting.schedules import run_all, search
from tests.unit.posting.simulated import POLICY, Bugs
from tests.unit.posting.simulated_erp import AFTER, BEFORE
from tests.unit.posting.simulator import World

SCHEDULES = 60
SEARCHED = range(2500)
OTHER = {
    "batch ended",
    "breaker opened",
    "by the fallback",
    "clock jump",
    "fence lost in mid-batch",
    "killed in mid-batch",
    "stale read-back",
    "unreadable",
    "down",
}
NONE = {"identity": Identity.NONE, "may_duplicate": False}
REF = {"identity": Identity.REF}
KEY = {"identity": Identity.KEY}


@pytest.mark.parametrize("profile", [REF, KEY, NONE], ids=["REF", "KEY", "NONE"])
def test_nothing_is_lost_doubled_or_out_of_order(profile):
    crashes, _ = run_all(range(SCHEDULES), **profile)
    assert crashes > SCHEDULES


def test_an_erp_without_identity_behind_a_doubling_network_cannot_be_made_safe():
    """Why profile NONE is not posted to unless the operator vouches for the network."""
    found = search(range(300), "I1", identity=Identity.NONE, may_duplicate=True)
    assert found is not None


def resend_on_timeout(monkeypatch):
    answered(monkeypatch, lambda answer: answer.status is None, State.READY)


def server_error_means_not_done(monkeypatch):
    answered(monkeypatch, lambda answer: answer.status == 500, State.READY)


def trust_any_success(monkeypatch):
    right = protocol.after_answer

    def wrong(answer, work, policy):
        if answer.status == 200:
            document = answer.erp_document or "J?"
            return Transition(state=State.POSTED, erp_document=document)
        return right(answer, work, policy)

    monkeypatch.setattr(protocol, "after_answer", wrong)


def expired_sending_is_ready(monkeypatch):
    monkeypatch.setattr(protocol, "after_lease", lambda state: State.READY)


def lease_is_not_looked_at_again(monkeypatch):
    monkeypatch.setattr(protocol, "lease_covers_call", lambda *arguments: True)


def lease_is_looked_at_once_a_batch(monkeypatch):
    right, covered = protocol.lease_covers_call, {}

    def wrong(until, now, seconds):
        return covered.setdefault(until, right(until, now, seconds))

    monkeypatch.setattr(protocol, "lease_covers_call", wrong)


def what_waited_counts_as_posted(monkeypatch):
    right = protocol._unsent

    def wrong(left, *, is_first):
        return [
            replace(step, transition=Transition(state=State.POSTED, erp_document="J0"))
            for step in right(left, is_first=is_first)
        ]

    monkeypatch.setattr(protocol, "_unsent", wrong)


def a_draft_counts_as_posted(monkeypatch):
    right = protocol.after_read_back

    def wrong(found, work, policy):
        if found:
            document = found[0].erp_document
            return Transition(state=State.POSTED, erp_document=document)
        return right(found, work, policy)

    monkeypatch.setattr(protocol, "after_read_back", wrong)


def unreadable_means_absent(monkeypatch):
    right = protocol.after_read_back
    monkeypatch.setattr(
        protocol,
        "after_read_back",
        lambda found, work, policy: right(found or (), work, policy),
    )


def resolver_gives_up(monkeypatch):
    monkeypatch.setattr(
        protocol,
        "after_read_back",
        lambda found, work, policy: Transition(state=State.UNKNOWN, delay_seconds=1),
    )


def another_content_is_ours(monkeypatch):
    monkeypatch.setattr(protocol, "_is_same", lambda found, work: True)


def any_busy_answer_means_not_done(monkeypatch):
    answered(monkeypatch, lambda answer: answer.status in {500, 503}, State.READY)


def a_cut_answer_means_refused(monkeypatch):
    answered(monkeypatch, lambda answer: not answer.is_json, State.REJECTED)


def attempts_never_run_out(monkeypatch):
    monkeypatch.setattr(protocol, "is_exhausted", lambda *arguments: False)


def a_breaker_stays_open(monkeypatch):
    passes_unless(monkeypatch, Position.OPEN)


def a_probe_that_died_is_waited_for(monkeypatch):
    passes_unless(monkeypatch, Position.HALF_OPEN)


def passes_unless(monkeypatch, position):
    right = breaker.admit

    def wrong(found, now, policy):
        return None if found.position is position else right(found, now, policy)

    monkeypatch.setattr(breaker, "admit", wrong)


def answered(monkeypatch, is_meant, state):
    right = protocol.after_answer
    monkeypatch.setattr(
        protocol,
        "after_answer",
        lambda answer, work, policy: (
            Transition(state=state) if is_meant(answer) else right(answer, work, policy)
        ),
    )


@pytest.mark.parametrize(
    ("plant", "promise", "profile"),
    [
        (resend_on_timeout, "I1", NONE),
        (server_error_means_not_done, "I1", NONE),
        (trust_any_success, "I9", NONE),
        (trust_any_success, "I9", KEY),
        (expired_sending_is_ready, "I1", NONE),
        (lease_is_not_looked_at_again, "I1", NONE),
        (lease_is_looked_at_once_a_batch, "I1", NONE),
        (what_waited_counts_as_posted, "I9", NONE),
        (a_draft_counts_as_posted, "I9", NONE),
        (unreadable_means_absent, "I1", NONE),
        (resolver_gives_up, "I16", NONE),
        (another_content_is_ours, "I9", REF),
        (any_busy_answer_means_not_done, "I1", NONE),
        (a_cut_answer_means_refused, "I10", REF),
        (attempts_never_run_out, "I16", REF),
        (a_breaker_stays_open, "I16", REF),
        (a_probe_that_died_is_waited_for, "I16", REF),
    ],
)
def test_a_bug_planted_in_the_protocol_is_found(monkeypatch, plant, promise, profile):
    plant(monkeypatch)
    found = search(SEARCHED, promise, **profile)
    print(f"{plant.__name__}: seed {found and found[0]}, {found and found[1]}")
    assert found is not None


@pytest.mark.parametrize(
    ("bugs", "promise", "profile"),
    [
        (Bugs(no_fence=True), "I1", NONE),
        (Bugs(no_order=True), "I12", NONE),
        (Bugs(no_quiet=True), "I1", NONE),
        (Bugs(ledger_apart=True), "I9", NONE),
        (Bugs(new_reference_per_attempt=True), "I1", NONE),
        (Bugs(rejection_does_not_block=True), "I12", REF),
        (Bugs(doubt_changes_its_way=True), "I1", NONE),
        (Bugs(outcome_of_its_neighbour=True), "I9", NONE),
        (Bugs(only_the_first_is_written_ahead=True), "I7", NONE),
    ],
    ids=repr,
)
def test_a_bug_planted_in_the_outbox_is_found(bugs, promise, profile):
    found = search(SEARCHED, promise, bugs=bugs, **profile)
    print(f"{bugs}: seed {found and found[0]}, {found and found[1]}")
    assert found is not None


@pytest.mark.parametrize(
    "plant", [resend_on_timeout, server_error_means_not_done, expired_sending_is_ready]
)
def test_a_bug_that_the_erp_hides_is_found_with_another_one(monkeypatch, plant):
    """A reference that stays the same hides a resend; one that changes bares it."""
    plant(monkeypatch)
    assert search(range(SCHEDULES), "I1", **REF) is None
    bugs = Bugs(new_reference_per_attempt=True)
    found = search(SEARCHED, "I1", bugs=bugs, **REF)
    print(f"{plant.__name__} with a new reference: seed {found and found[0]}")
    assert found is not None


def test_the_same_seed_gives_the_same_run():
    first, second = World(seed=7, policy=POLICY), World(seed=7, policy=POLICY)
    first.run()
    second.run()
    assert (first.ledger, first.now) == (second.ledger, second.now)


def test_every_fault_happens_in_every_profile():
    for profile in (REF, KEY, NONE):
        _, faults = run_all(range(200, 400), **profile)
        assert set(faults) >= {*BEFORE, *AFTER, *OTHER}
    assert "doubled" not in faults
