"""A change of mappings that nobody decided within a day is no longer approved."""

import psycopg
import pytest

from ledgerline.crosswalk.changeset.changeset import ChangesetRefused
from ledgerline.crosswalk.changeset.decide import approve, reject, show
from tests.integration.crosswalk.steward import payer

pytestmark = pytest.mark.integration


def age(steward, interval):
    """Let the changesets be as old as that."""
    steward.execute(
        "set session_replication_role = replica; update reference.changeset "
        f"set proposed_at = proposed_at - interval '{interval}'"
    )


def test_what_was_proposed_a_day_ago_is_no_longer_approved(steward):
    number = steward.propose(payer("X1", "BCBS"))
    age(steward, "24 hours")
    expired = r"changeset 1 expired on \S+ \S+ UTC, 24 hours after Ann proposed it; "
    for look in (False, True):
        if look:
            show(steward.dsn, number)
        with pytest.raises(ChangesetRefused, match=f"{expired}propose its file again"):
            approve(steward.dsn, number, "Bo")
    with pytest.raises(psycopg.errors.CheckViolation, match="CHANGESET_EXPIRED"):
        steward.execute(
            "update reference.changeset set state = 'approved', decided_by = 'Bo'"
        )
    assert steward.meaning("X1", "2026-03-01") == "unmapped"
    reject(steward.dsn, number, "Ann")
    steward.approve(payer("X1", "BCBS"))
    assert steward.meaning("X1", "2026-03-01") == "BCBS"


def test_a_change_may_be_approved_until_its_day_is_over(steward):
    number = steward.propose(payer("X1", "BCBS"))
    age(steward, "23 hours 59 minutes")
    show(steward.dsn, number)
    approve(steward.dsn, number, "Bo")
    age(steward, "7 days")
    assert steward.meaning("X1", "2026-03-01") == "BCBS"
