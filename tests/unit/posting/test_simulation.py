"""Seeded schedules over the production protocol, and planted bugs.

The long run is tests/integration/posting/test_simulation_at_length.py.

A planted bug that is no longer found means that the simulator went blind.
"""

import pytest

from ledgerline.posting import protocol
from ledgerline.posting.port import Identity
from ledgerline.posting.protocol import State, Transition
from tests.unit.posting.schedules import run_all, search
from tests.unit.posting.simulated import POLICY, Bugs
from tests.unit.posting.simulator import World

SCHEDULES = 60
NONE = {"identity": Identity.NONE, "may_duplicate": False}
REF = {"identity": Identity.REF}
KEY = {"identity": Identity.KEY}


@pytest.mark.parametrize("profile", [REF, KEY, NONE], ids=["REF", "KEY", "NONE"])
def test_nothing_is_lost_doubled_or_out_of_order(profile):
    crashes, _ = run_all(range(SCHEDULES), **profile)
    assert crashes > SCHEDULES


def test_an_erp_without_identity_behind_a_doubling_network_cannot_be_made_safe():
    """Why profile NONE is not posted to unless the operator vouches for the network."""
    found = search(range(300), identity=Identity.NONE, may_duplicate=True)
    assert found is not None
    assert "doubled" in found[1]


def resend_on_timeout(monkeypatch):
    right = protocol.after_answer

    def wrong(answer, work, policy):
        if answer.status is None:
            return Transition(state=State.READY)
        return right(answer, work, policy)

    monkeypatch.setattr(protocol, "after_answer", wrong)


def server_error_means_not_done(monkeypatch):
    right = protocol.after_answer

    def wrong(answer, work, policy):
        if answer.status == 500:
            return Transition(state=State.READY)
        return right(answer, work, policy)

    monkeypatch.setattr(protocol, "after_answer", wrong)


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


@pytest.mark.parametrize(
    "plant",
    [
        resend_on_timeout,
        server_error_means_not_done,
        trust_any_success,
        expired_sending_is_ready,
        lease_is_not_looked_at_again,
        a_draft_counts_as_posted,
        unreadable_means_absent,
        resolver_gives_up,
    ],
)
def test_a_bug_planted_in_the_protocol_is_found(monkeypatch, plant):
    plant(monkeypatch)
    found = search(range(2500), **NONE)
    print(f"{plant.__name__}: seed {found and found[0]}, {found and found[1]}")
    assert found is not None


@pytest.mark.parametrize(
    "bugs",
    [
        Bugs(no_fence=True),
        Bugs(no_order=True),
        Bugs(no_quiet=True),
        Bugs(ledger_apart=True),
        Bugs(new_reference_per_attempt=True),
    ],
    ids=repr,
)
def test_a_bug_planted_in_the_outbox_is_found(bugs):
    found = search(range(2500), bugs=bugs, **NONE)
    print(f"{bugs}: seed {found and found[0]}, {found and found[1]}")
    assert found is not None


def test_the_same_seed_gives_the_same_run():
    first, second = World(seed=7, policy=POLICY), World(seed=7, policy=POLICY)
    first.run()
    second.run()
    assert (first.ledger, first.now) == (second.ledger, second.now)
