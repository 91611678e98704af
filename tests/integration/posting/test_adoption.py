"""After a restore the ERP is read first: what the rules allow, and what becomes of it.

A copy of a warehouse that is posted from on is what a restore leaves: it knows less
than the ERP does. test_restore.py restores a real server to a time.
"""

import threading
import time

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.verify import verify
from ledgerline.posting import drain, propose, release
from ledgerline.posting.command import State, Step, Transition
from ledgerline.posting.document import Journal, JournalLine
from ledgerline.posting.repository import claims, outbox, planning
from ledgerline.posting.restored.adopt import AdoptionReport, adopt
from ledgerline.reconciliation.reconcile import reconcile
from tests.integration.posting.stub_erp import POLICY, StubPort
from tests.integration.posting.test_posting_faults import assert_exactly_once
from tests.integration.posting.warehouse import (
    journal,
    need,
    publish,
    rows,
    states,
    stock,
)

pytestmark = pytest.mark.integration
LATER = "2026-01-12"
CONTENT = "select natural_key, payload from post.entry order by 1"


def send(dsn, port):
    propose(dsn)
    release(dsn)
    return drain(dsn, port, POLICY)


def keep_only_what_an_erp_keeps(payload):
    """Goods without unit and value, and none of our words."""
    payload["description"] = ""
    if "store" in payload:
        payload["store"] = ""
        for line in payload["lines"]:
            line.update({key: "" for key in line if key == "unit"})
            line.update({key: 0 for key in line if key == "amount_cents"})


def state_of(dsn):
    return dict(rows(dsn, "select natural_key, state from post.entry"))


def test_all_kinds_of_documents_are_adopted_with_unit_and_value(
    dsn, erp, port, snapshot
):
    lines, issues = journal("10.00"), stock(3, lot="L1")
    publish(dsn, lines, issues)
    past = snapshot()
    lines, issues = lines + journal("7.00", day=LATER), issues + stock(5, day=LATER)
    for database in (dsn, past):
        publish(database, lines, issues, needs=need(4))
    send(dsn, port)
    posted = rows(dsn, CONTENT)
    assert {key.partition("|")[0] for key, _ in posted} == {
        *("patient_revenue", "stock_issue", "requisition"),
    }
    for held in erp.documents:
        keep_only_what_an_erp_keeps(held["payload"])

    assert adopt(past, port, POLICY) == AdoptionReport(adopted=5, doubted=5)
    assert send(past, port).posted == 5

    assert (
        rows(past, "select natural_key, payload from post.entry order by 1") == posted
    )
    assert_exactly_once(past, erp)
    assert reconcile(past, port).is_even
    assert propose(past).proposed == 0
    assert [each for each in verify(past) if each.breaks] == []


BEFORE = ("CLAIMED", "SENDING", "UNKNOWN", "CONFLICT", "DEAD", "READY", "HELD")
FACILITIES = [f"F{number}-{state}" for number, state in enumerate(BEFORE)]
"""One entry each, in this order; the last stays held."""


def in_every_state(dsn):
    """Bring one entry into each state, as what happened before the restore did."""
    lines = [line for facility in FACILITIES for line in journal("10.00", facility)]
    publish(dsn, lines, verdict="HOLD", held=FACILITIES[-1:])
    propose(dsn)
    release(dsn)
    with planning.connection(dsn) as connection:
        for state in BEFORE[:5]:
            (work,) = claims.take_ready(connection, "stub", "w", 60, 1)
            if state != "CLAIMED":
                outbox.write_ahead(connection, [work], "stub", "w", 0)
            if state in {"UNKNOWN", "CONFLICT", "DEAD"}:
                unknown = Transition(state=State.UNKNOWN)
                outbox.move(connection, [Step(work, State.SENDING, unknown)])
            if state in {"CONFLICT", "DEAD"}:
                settled = Transition(state=State(state))
                outbox.move(connection, [Step(work, State.UNKNOWN, settled)])
    found = "select substr(facility_code, 4), state from post.entry"
    assert {row[0] == row[1] for row in rows(dsn, found)} == {True}


def test_entries_in_any_state_are_found_posted(dsn, erp, port, snapshot):
    in_every_state(dsn)
    past = snapshot()
    for (payload,) in rows(dsn, "select payload from post.entry"):
        erp.commit(payload)
    assert adopt(past, port, POLICY).doubted == len(BEFORE) - 1
    assert states(past) == {"UNKNOWN": len(BEFORE)}
    drain(past, port, POLICY)
    assert_exactly_once(past, erp)
    assert len(erp.documents) == len(BEFORE)


def test_entries_in_any_state_that_never_arrived_are_sent_once(
    dsn, erp, port, snapshot
):
    in_every_state(dsn)
    past = snapshot()
    adopt(past, port, POLICY)
    assert states(past) == {"UNKNOWN": len(BEFORE) - 1, "HELD": 1}
    drain(past, port, POLICY)
    assert states(past) == {"POSTED": len(BEFORE) - 1, "HELD": 1}
    assert len(erp.documents) == len(BEFORE) - 1


def test_nothing_is_proposed_sent_or_settled_before_the_erp_was_read(
    dsn, port, snapshot
):
    publish(dsn, journal("10.00"))
    propose(dsn)
    held = snapshot()
    release(dsn)
    ready = snapshot()
    publish(held, journal("10.00") + journal("1.00", day=LATER))
    for refused in (
        lambda: propose(held),
        lambda: release(held),
        lambda: drain(ready, port, POLICY),
    ):
        with pytest.raises(errors.CheckViolation, match="ENTRY_RESTORED"):
            refused()
    assert states(held) == {"HELD": 1}
    assert states(ready) == {"READY": 1}


def test_only_an_adoption_makes_its_steps(dsn):
    in_every_state(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for state in ("HELD", "READY", "CLAIMED", "DEAD", "CONFLICT"):
            for change in (
                "state = 'UNKNOWN'",
                "state = 'UNKNOWN', attempts = attempts + 1, fence = fence + 1",
                "fence = fence + 1000",
                "forgiven_attempts = 1",
            ):
                with pytest.raises(errors.CheckViolation):
                    connection.execute(
                        f"update post.entry set {change} where state = %s", [state]
                    )
        with pytest.raises(errors.CheckViolation, match="ENTRY_WRITE_AHEAD"):
            connection.execute(
                "insert into post.attempt (entry_id, attempt_number, fence, adapter, "
                "worker, quiet_time) select entry_id, 9, 0, 'stub', 'adoption', '0' "
                "from post.entry where state = 'READY'"
            )


def test_a_worker_from_before_writes_nothing(dsn, erp, port, snapshot):
    publish(dsn, journal("10.00"))
    propose(dsn)
    release(dsn)
    past = snapshot()
    with planning.connection(dsn) as connection:
        (lost,) = claims.take_ready(connection, "stub", "before", 60, 1)
    adopt(past, port, POLICY)
    with planning.connection(past) as connection:
        (found,) = claims.take_unknown(connection, "stub", "now", 1)
        settled = Transition(state=State.READY)
        outbox.move(connection, [Step(found, State.UNKNOWN, settled)])
        (taken,) = claims.take_ready(connection, "stub", "now", 60, 1)
        assert taken.fence > lost.fence + 1
        assert not outbox.write_ahead(connection, [lost], "stub", "before", 0)
        assert outbox.write_ahead(connection, [taken], "stub", "now", 0)
        posted = Transition(state=State.POSTED, erp_document="J9")
        assert not outbox.move(connection, [Step(lost, State.SENDING, posted)])
    assert states(past) == {"SENDING": 1}


def test_entries_proposed_since_begin_where_no_worker_from_before_was(
    dsn, port, snapshot
):
    publish(dsn, journal("10.00"))
    past = snapshot()
    adopt(past, port, POLICY)
    propose(past)
    propose(dsn)
    assert rows(dsn, "select fence from post.entry") == [(0,)]
    assert rows(past, "select fence > 1000000000 from post.entry") == [(True,)]


def test_what_is_still_on_its_way_is_waited_for(dsn, erp, port, snapshot):
    publish(dsn, journal("10.00"))
    past = snapshot()
    propose(dsn)
    payload = rows(dsn, "select payload from post.entry")[0][0]
    late = threading.Timer(POLICY.lease_seconds + 0.5, erp.commit, [payload])
    late.start()
    began = time.monotonic()
    assert adopt(past, port, POLICY).adopted == 1
    late.join()
    assert time.monotonic() - began >= POLICY.lease_seconds + POLICY.quiet_seconds - 0.1
    send(past, port)
    assert_exactly_once(past, erp)


def test_an_adoption_is_made_once(dsn, port, snapshot):
    publish(dsn, journal("10.00"))
    past = snapshot()
    send(dsn, port)
    assert adopt(past, port, POLICY) == AdoptionReport(adopted=1, doubted=1)
    assert adopt(past, port, POLICY) == AdoptionReport()
    told = "select count(*), sum(adopted_count) from ops.restore"
    assert rows(past, told) == [(2, 1)]


def test_a_warehouse_that_was_not_restored_reads_nothing(dsn, erp):
    publish(dsn, journal("10.00"))
    assert adopt(dsn, StubPort(1), POLICY) == AdoptionReport()


def test_a_warehouse_from_before_its_first_publication_waits_for_one(
    dsn, erp, port, snapshot
):
    past = snapshot()
    publish(dsn, journal("10.00"))
    send(dsn, port)
    assert adopt(past, port, POLICY) == AdoptionReport()
    publish(past, journal("10.00"))
    assert adopt(past, port, POLICY).adopted == 1
    send(past, port)
    assert_exactly_once(past, erp)


def test_another_document_under_our_reference_is_a_conflict(dsn, erp, port, snapshot):
    publish(dsn, journal("10.00"))
    propose(dsn)
    past = snapshot()
    payload = rows(dsn, "select payload from post.entry")[0][0]
    for line in payload["lines"]:
        line["amount_cents"] *= 2
    erp.commit(payload)
    adopt(past, port, POLICY)
    drain(past, port, POLICY)
    assert states(past) == {"CONFLICT": 1}


def test_a_foreign_reference_is_left_alone(dsn, erp, port, snapshot):
    publish(dsn, journal("10.00"))
    past = snapshot()
    for reference in ("LL|by hand", "LL|a|b|c|d|v1", "LL|a|b|2026-01-01|-|vx"):
        lines = (
            JournalLine(account_code="1", amount_cents=1),
            JournalLine(account_code="2", amount_cents=-1),
        )
        day = rows(dsn, "select date '2026-01-11'")[0][0]
        document = Journal(reference=reference, posting_date=day, lines=lines)
        erp.commit(document.payload())
    assert adopt(past, port, POLICY).adopted == 0


def test_a_held_entry_that_vanishes_from_the_erp_does_not_pass_the_gate(
    dsn, erp, port, snapshot
):
    publish(dsn, journal("10.00"), verdict="HOLD", held=["MVH"])
    propose(dsn)
    past = snapshot()
    erp.commit(rows(dsn, "select payload from post.entry")[0][0])
    adopt(past, port, POLICY)
    erp.documents.clear()
    erp._known.clear()
    with pytest.raises(errors.CheckViolation, match="DQ_GATE"):
        drain(past, port, POLICY)
    assert states(past) == {"UNKNOWN": 1}
