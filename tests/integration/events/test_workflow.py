"""What folded and landed events set in motion, on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledgerline.events.fold import fold_visits
from ledgerline.events.workflow.handle import handle_events
from ledgerline.events.workflow.handlers import HANDLERS
from tests.unit.connectors.formats.hl7v2_text import adt, pv1

pytestmark = pytest.mark.integration

LONG_AGO = "20260317113000-0500"
BED = pv1(f45="20260317110000-0500")


def at(**ago):
    """A time before now, as a message writes it."""
    told = datetime.now(UTC) - timedelta(**ago)
    return told.strftime("%Y%m%d%H%M%S+0000")


def stay(number="MVH0000123", control="M", left=None, trigger="A03"):
    """An admission and a discharge of a visit, or its cancel."""
    left = left or at(minutes=1)
    return (
        adt("A01", f"{control}1", at(days=2), pv1=pv1(number)),
        adt(trigger, f"{control}2", left, pv1=pv1(number)),
    )


@pytest.fixture
def events(connection):
    def kinds():
        return [
            row[0]
            for row in connection.execute(
                "select kind from ops.event order by event_id"
            )
        ]

    return kinds


@pytest.fixture
def steps(connection):
    def rows(condition="true"):
        return [
            row[0]
            for row in connection.execute(
                "select step from ops.expected_step"
                f" where {condition} order by step, instance_id"
            )
        ]

    return rows


OPEN = "happened_at is null and withdrawn_at is null"


def test_a_discharge_expects_its_steps_with_owner_and_time(
    feed, warehouse, connection, steps
):
    feed(*stay())
    fold_visits(warehouse)
    report = handle_events(warehouse)
    assert report.handled == {
        "review_billing": 1,
        "post_consumption": 1,
        "turn_bed_over": 1,
        "reconcile_pharmacy": 1,
    }
    assert steps() == ["bed_turnover", "billing_review", "consumption_posting"]
    rows = connection.execute(
        "select step.owner, step.due_at - event.emitted_at"
        " from ops.expected_step as step inner join ops.event as event using (event_id)"
        " order by step.step"
    ).fetchall()
    assert rows == [
        ("environmental_services", timedelta(hours=4)),
        ("patient_financial_services", timedelta(days=3)),
        ("supply_chain", timedelta(days=1)),
    ]


def test_an_agreed_time_and_owner_go_before_the_default(feed, warehouse, connection):
    connection.execute(
        "insert into reference.workflow_sla values"
        " ('billing_review', 90, 'night_billing', current_date, null),"
        " ('bed_turnover', 5, 'nobody', '2020-01-01', '2020-02-01')"
    )
    feed(*stay())
    fold_visits(warehouse)
    handle_events(warehouse)
    rows = connection.execute(
        "select step.step, step.owner, step.due_at - event.emitted_at"
        " from ops.expected_step as step inner join ops.event as event using (event_id)"
        " where step in ('billing_review', 'bed_turnover') order by step.step"
    ).fetchall()
    assert rows == [
        ("bed_turnover", "environmental_services", timedelta(hours=4)),
        ("billing_review", "night_billing", timedelta(minutes=90)),
    ]


def test_a_storm_of_one_encounter_is_one_event_and_its_steps_stay_due(
    feed, warehouse, connection, events, steps
):
    feed(*stay())
    fold_visits(warehouse)
    handle_events(warehouse)
    due = connection.execute("select step, due_at from ops.expected_step").fetchall()
    storm = [
        adt("A08", f"S{i}", at(seconds=59), pv1=pv1(f36=f"{i:02}")) for i in range(60)
    ]
    feed(*storm, *stay())
    assert fold_visits(warehouse).changed == 1
    report = handle_events(warehouse)
    assert (report.handled, events()) == ({}, ["encounter_completed"])
    assert (
        due
        == connection.execute("select step, due_at from ops.expected_step").fetchall()
    )


def test_the_same_events_fold_to_the_same_rows_after_a_refold(
    feed, warehouse, connection, events
):
    feed(*stay())
    fold_visits(warehouse)
    connection.execute(
        "truncate raw_ehr.folded_visit; delete from raw_ehr.event_identifier;"
        " delete from raw_ehr.event"
    )
    assert fold_visits(warehouse).changed == 1
    assert events() == ["encounter_completed"]


def test_a_fold_that_fails_leaves_no_event(feed, warehouse, connection, events):
    connection.execute(
        "create function refuse() returns trigger language plpgsql as"
        " $$ begin raise exception 'no'; end $$;"
        "create trigger refuse after insert on ops.event"
        " for each statement execute function refuse()"
    )
    feed(*stay())
    with pytest.raises(psycopg.errors.RaiseException):
        fold_visits(warehouse)
    (visits,) = connection.execute(
        "select count(*) from raw_ehr.folded_visit"
    ).fetchone()
    assert (visits, events()) == (0, [])


def test_a_discharge_taken_back_expects_nothing_and_the_next_one_expects_anew(
    feed, warehouse, events, steps
):
    feed(*stay())
    fold_visits(warehouse)
    handle_events(warehouse)
    feed(adt("A13", "C1", at(seconds=50)))
    fold_visits(warehouse)
    handle_events(warehouse)
    assert steps(OPEN) == []
    feed(adt("A03", "M9", at(seconds=40)))
    fold_visits(warehouse)
    handle_events(warehouse)
    assert events() == [
        "encounter_completed",
        "completion_withdrawn",
        "encounter_completed",
    ]
    assert steps(OPEN) == ["bed_turnover", "billing_review", "consumption_posting"]


@pytest.mark.parametrize("order", ["told", "reversed"])
def test_handlers_may_come_in_any_order(feed, warehouse, steps, order):
    feed(*stay())
    fold_visits(warehouse)
    feed(adt("A13", "C1", at(seconds=50)))
    fold_visits(warehouse)
    feed(adt("A03", "M9", at(seconds=40)))
    fold_visits(warehouse)
    kinds = list(HANDLERS) if order == "told" else list(reversed(HANDLERS))
    table = {kind: HANDLERS[kind] for kind in kinds}
    for _ in range(2):
        handle_events(warehouse, table=table)
    assert steps(OPEN) == ["bed_turnover", "billing_review", "consumption_posting"]


def test_a_discharge_from_the_future_waits(feed, warehouse, connection, events, steps):
    ahead = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y%m%d%H%M%S+0000")
    feed(*stay(left=ahead))
    fold_visits(warehouse)
    assert events() == []
    # Dated now by its message, it says that the patient leaves tomorrow.
    feed(adt("A03", "M3", at(minutes=1), pv1=pv1(f45=ahead)))
    fold_visits(warehouse)
    assert events() == ["encounter_completed"]
    assert handle_events(warehouse).handled == {}
    assert steps() == []
    connection.execute("update ops.event_delivery set next_at = clock_timestamp()")
    handle_events(warehouse)
    assert "billing_review" in steps()


def test_a_merge_cycle_moves_no_work(feed, warehouse, events, steps):
    one, other = "MRG|1001^^^MVH^MR", "MRG|2002^^^MVH^MR"
    first = "PID|1||1001^^^MVH^MR|||||F||||||||||MVH0000123^^^MVH^AN"
    second = "PID|1||2002^^^MVH^MR|||||F||||||||||MVH0000200^^^MVH^AN"
    feed(*stay(), adt("A01", "N1", at(days=2), pid=second, pv1=pv1("MVH0000200")))
    fold_visits(warehouse)
    handle_events(warehouse)
    before = steps(OPEN)
    feed(
        adt("A40", "G1", at(minutes=3), pid=second, mrg=one),
        adt("A40", "G2", at(minutes=2), pid=first, mrg=other),
    )
    assert fold_visits(warehouse).conflicts == 1
    handle_events(warehouse)
    assert (events(), steps(OPEN)) == (["encounter_completed"], before)


def test_a_visit_merged_into_another_expects_nothing_of_its_own(
    feed, warehouse, events, steps
):
    feed(*stay(), *stay("MVH0000200", "N"))
    fold_visits(warehouse)
    handle_events(warehouse)
    both = "MRG|||||MVH0000200^^^MVH^VN\r" + pv1()
    feed(adt("A42", "G1", at(seconds=30), mrg=both))
    fold_visits(warehouse)
    handle_events(warehouse)
    assert events()[-1] == "completion_withdrawn"
    assert steps(OPEN).count("billing_review") == 1


def test_a_bed_that_somebody_takes_again_was_turned_over(
    feed, warehouse, connection, steps
):
    feed(*stay())
    fold_visits(warehouse)
    handle_events(warehouse)
    feed(adt("A01", "N1", at(seconds=10), pv1=pv1("MVH0000200", f3="4EAST^402^A^MVH")))
    fold_visits(warehouse)
    assert handle_events(warehouse).observed == 0
    feed(adt("A02", "N2", at(seconds=5), pv1=pv1("MVH0000200")))
    fold_visits(warehouse)
    assert handle_events(warehouse).observed == 1
    assert steps("happened_at is not null") == ["bed_turnover"]
    (evidence,) = connection.execute(
        "select evidence from ops.expected_step where step = 'bed_turnover'"
    ).fetchone()
    assert evidence == "another patient came into the bed"


def test_of_a_discharge_long_past_no_bed_waits(feed, warehouse, steps):
    feed(adt("A01", "M1"), adt("A03", "M2", LONG_AGO, pv1=BED))
    fold_visits(warehouse)
    handle_events(warehouse)
    assert steps() == ["billing_review", "consumption_posting"]


def test_what_is_overdue_is_stuck_with_its_owner_and_what_to_do(
    feed, warehouse, connection
):
    feed(*stay())
    fold_visits(warehouse)
    handle_events(warehouse)
    stuck = "select work, owner, age >= interval '1 minute', next_action"
    assert connection.execute(f"{stuck} from ops.stuck_work").fetchall() == []
    connection.execute(
        "update ops.expected_step set due_at = clock_timestamp() - interval '1 minute'"
        " where step = 'billing_review'"
    )
    [(work, owner, is_old, action)] = connection.execute(
        f"{stuck} from ops.stuck_work"
    ).fetchall()
    assert (work, owner, is_old) == (
        "billing_review",
        "patient_financial_services",
        True,
    )
    assert action
