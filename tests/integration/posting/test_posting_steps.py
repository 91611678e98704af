"""Each step of an entry has its conditions, whoever takes it."""

import psycopg
import pytest
from psycopg import errors

from ledgerline.posting import propose, release
from tests.integration.posting.entry_steps import (
    claim,
    claim_and_send,
    force,
    write_attempt,
)
from tests.integration.posting.warehouse import journal, publish

pytestmark = pytest.mark.integration


def test_sending_needs_an_attempt_that_was_written_before(entry):
    claim(entry)
    with pytest.raises(errors.CheckViolation, match="ENTRY_WRITE_AHEAD"):
        entry.execute("update post.entry set state = 'SENDING', attempts = 1")
    with pytest.raises(errors.CheckViolation, match="ENTRY_WRITE_AHEAD"):
        write_attempt(entry, fence=7)


@pytest.mark.parametrize("missing", ["worker", "lease_until"])
def test_a_claim_has_a_worker_and_a_lease(entry, missing):
    entry.execute("update post.entry set state = 'READY'")
    told = {
        "worker": "'w'",
        "lease_until": "clock_timestamp() + interval '1 minute'",
        missing: "null",
    }
    changes = ", ".join(f"{column} = {value}" for column, value in told.items())
    with pytest.raises(errors.CheckViolation, match="ENTRY_ORDER"):
        entry.execute(f"update post.entry set state = 'CLAIMED', fence = 1, {changes}")


def test_a_claimed_entry_is_nobody_elses_while_its_lease_holds(entry):
    claim(entry)
    with pytest.raises(errors.CheckViolation, match="ENTRY_LEASE"):
        entry.execute("update post.entry set state = 'READY'")


def test_the_attempt_of_another_entry_is_none_of_its_own(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")])
    propose(dsn)
    with psycopg.connect(dsn) as connection:
        claim(connection)
        write_attempt(connection, facility="LGH")
        with pytest.raises(errors.CheckViolation, match="ENTRY_WRITE_AHEAD"):
            connection.execute(
                "update post.entry set state = 'SENDING', attempts = 1 "
                "where facility_code = 'MVH'"
            )


def test_posted_needs_its_ledger_row_in_the_same_transaction(entry):
    claim_and_send(entry)
    post = (
        "update post.entry set state = 'POSTED', erp_document = 'J1', "
        "posted_at = clock_timestamp()"
    )
    with pytest.raises(errors.CheckViolation, match="ENTRY_LEDGER"):
        entry.execute(post)
    other_amount = (
        "insert into post.ledger (entry_id, document_type, erp_document, amount_cents) "
        "select entry_id, document_type, 'J1', 9999 from post.entry"
    )
    with pytest.raises(errors.CheckViolation, match="ENTRY_LEDGER"):
        entry.execute(f"with x as ({post} returning 1) {other_amount}")
    with pytest.raises(errors.CheckViolation, match="ENTRY_LEDGER"):
        entry.execute(
            "insert into post.ledger select entry_id, document_type, 'J1', 10000 "
            "from post.entry"
        )
    state = entry.execute("select state from post.entry").fetchall()
    assert state == [("SENDING",)]


def test_an_entry_in_doubt_waits_for_its_quiet_time(entry):
    claim_and_send(entry)
    entry.execute("update post.entry set state = 'UNKNOWN'")
    for state in ("READY", "CONFLICT", "DEAD"):
        with pytest.raises(errors.CheckViolation, match="ENTRY_QUIET"):
            entry.execute("update post.entry set state = %s", [state])
    with pytest.raises(errors.CheckViolation, match="ENTRY_FIXED"):
        entry.execute("update post.entry set quiet_until = clock_timestamp()")


def test_the_quiet_time_is_that_of_the_call_in_doubt(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")])
    propose(dsn)
    with psycopg.connect(dsn) as connection:
        claim(connection)
        write_attempt(connection, facility="LGH", quiet_time="1 hour")
        write_attempt(connection, facility="MVH")
        connection.execute("update post.entry set state = 'SENDING', attempts = 1")
        [waits] = connection.execute(
            "update post.entry set state = 'UNKNOWN' where facility_code = 'MVH' "
            "returning quiet_until < clock_timestamp() + interval '2 minutes'"
        ).fetchone()
    assert waits


def test_no_step_sets_the_quiet_time(entry):
    claim_and_send(entry)
    with pytest.raises(errors.CheckViolation, match="ENTRY_QUIET"):
        entry.execute(
            "update post.entry set state = 'READY', quiet_until = clock_timestamp()"
        )


def test_an_attempt_is_open_while_its_entry_is_in_doubt(entry):
    told = "select outcome, status, error_code, ended_at is null from post.attempt"
    claim_and_send(entry)
    entry.execute("update post.entry set state = 'UNKNOWN', last_status = 503")
    assert entry.execute(told).fetchall() == [("unknown", 503, None, True)]
    force(entry, "SENDING")
    entry.execute("update post.entry set state = 'REJECTED', last_error_code = 'LATE'")
    assert entry.execute(told).fetchall() == [("rejected", 503, "LATE", False)]
    chained = "select detail ->> 'error_code' from audit.event order by event_id desc"
    assert entry.execute(chained).fetchone() == ("LATE",)


@pytest.mark.parametrize("fence", [0, 2, 3])
def test_the_fence_only_grows_by_one_when_claimed(entry, fence):
    claim_and_send(entry)
    with pytest.raises(errors.CheckViolation, match="ENTRY_FENCE"):
        entry.execute("update post.entry set state = 'UNKNOWN', fence = %s", [fence])


@pytest.mark.parametrize("attempts", [0, 2])
def test_attempts_only_grow_by_one_when_sent(entry, attempts):
    claim_and_send(entry)
    with pytest.raises(errors.CheckViolation, match="ENTRY_ATTEMPT"):
        entry.execute(
            "update post.entry set state = 'UNKNOWN', attempts = %s", [attempts]
        )


def test_an_entry_that_was_sent_is_not_cancelled(entry):
    with entry.transaction(force_rollback=True):
        entry.execute("update post.entry set state = 'READY'")
        entry.execute("update post.entry set state = 'CANCELLED'")
    claim_and_send(entry)
    entry.execute("update post.entry set state = 'READY'")
    with pytest.raises(errors.CheckViolation, match="ENTRY_SENT"):
        entry.execute("update post.entry set state = 'CANCELLED'")


def test_a_dead_entry_that_was_sent_is_read_back_first(entry):
    force(entry, "DEAD")
    with pytest.raises(errors.CheckViolation, match="ENTRY_SENT"):
        entry.execute("update post.entry set state = 'READY'")


def test_what_a_read_back_says_of_an_entry_in_doubt_is_noted(entry):
    claim_and_send(entry)
    entry.execute("update post.entry set state = 'UNKNOWN'")
    entry.execute("update post.entry set last_status = 503, last_error_code = 'LATE'")
    noted = entry.execute("select last_status, last_error_code from post.entry")
    assert noted.fetchall() == [(503, "LATE")]
    for fence in ("fence + 2", "fence - 1"):
        with pytest.raises(errors.CheckViolation, match="ENTRY_FENCE"):
            entry.execute(f"update post.entry set fence = {fence}")


def test_a_later_entry_waits_for_the_earlier_one_of_its_order_key(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", day="2026-01-18")])
    propose(dsn)
    release(dsn)
    with (
        psycopg.connect(dsn) as connection,
        pytest.raises(errors.CheckViolation, match="ENTRY_ORDER"),
    ):
        connection.execute(
            "update post.entry set state = 'CLAIMED', fence = 1, worker = 'w', "
            "lease_until = clock_timestamp() + interval '1 minute' "
            "where posting_date = '2026-01-18'"
        )
