"""A folder of messages landed and folded on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from ledgerline.events.fold import fold_visits
from tests.unit.connectors.formats.hl7v2_text import adt, pv1, siu

pytestmark = pytest.mark.integration
MERGE = "MRG|1001^^^MVH^MR"
SURVIVOR = "PID|1||2002^^^MVH^MR|||||F"


def visits(connection, *columns):
    names = ", ".join(columns or ("visit_number", "status", "event_count"))
    return connection.execute(
        f"select {names} from raw_ehr.folded_visit order by visit_number"
    ).fetchall()


def quarantine(connection, status="open"):
    return connection.execute(
        "select class, locator from ops.quarantined_record"
        " where stage = 'fold' and status = %s order by quarantine_id",
        [status],
    ).fetchall()


def person(connection, number="MVH0000123"):
    (row,) = connection.execute(
        "select patient_identifiers from raw_ehr.folded_visit where visit_number = %s",
        [number],
    ).fetchone()
    return [(found["authority"], found["value"]) for found in row]


def test_a_stay_is_folded_from_its_messages_and_a_second_fold_reads_nothing(
    feed, warehouse, connection
):
    left = pv1(f36="01", f44="20260314080000-0500", f45="20260317110000-0500")
    report = feed(
        adt("A03", "M3", "20260317113000-0500", pv1=left),
        adt("A02", "M2", "20260315120000-0500", pv1=pv1(f3="ICU^1^A^MVH")),
        adt("A01", "M1", pv1=pv1(f44="20260314080000-0500")),
    )
    assert (report.landed, report.quarantined) == (3, 0)
    first = fold_visits(warehouse)
    assert (first.events, first.visits, first.changed) == (3, 1, 1)
    row = visits(
        connection,
        *("sending_facility", "visit_number", "status", "patient_class"),
        *("admitted_at", "discharged_at", "discharge_disposition"),
        *("department_native_code", "account_number", "event_count"),
    )
    assert row == [
        (
            *("MVH", "MVH0000123", "finished", "I"),
            datetime(2026, 3, 14, 13, tzinfo=UTC),
            datetime(2026, 3, 17, 16, tzinfo=UTC),
            *("01", "4EAST", "MVH0000123", 3),
        )
    ]
    second = fold_visits(warehouse)
    assert (second.events, second.visits, second.changed) == (0, 0, 0)


def test_only_the_visits_that_new_messages_touch_are_folded_again(
    feed, warehouse, connection
):
    feed(adt("A01", "M1"), adt("A01", "M2", pv1=pv1("MVH0000200")))
    fold_visits(warehouse)
    before = visits(connection, "visit_number", "folded_at")
    feed(adt("A08", "M3", "20260315090000-0500", pv1=pv1("MVH0000200", f10="MED")))
    report = fold_visits(warehouse)
    assert (report.events, report.visits, report.changed) == (1, 1, 1)
    after = visits(connection, "visit_number", "folded_at")
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_an_update_before_the_admission_waits_as_provisional(
    feed, warehouse, connection
):
    feed(adt("A08", "M2", "20260315090000-0500"))
    fold_visits(warehouse)
    assert visits(connection) == [("MVH0000123", "provisional", 1)]
    assert quarantine(connection) == []
    fold_visits(warehouse, clock=lambda: datetime.now(UTC) + timedelta(days=2))
    assert quarantine(connection) == [("ORDER_WAIT", "000.hl7@0")]
    feed(adt("A01", "M1"))
    fold_visits(warehouse)
    assert visits(connection) == [("MVH0000123", "in_progress", 2)]
    assert quarantine(connection) == []
    assert quarantine(connection, "replayed") == [("ORDER_WAIT", "000.hl7@0")]


def test_an_event_dated_ahead_waits_for_its_time(feed, warehouse, connection):
    feed(adt("A01", "M1"), adt("A03", "M2", "20360314081500-0500"))
    report = fold_visits(warehouse)
    assert report.waiting == 1
    assert visits(connection) == [("MVH0000123", "in_progress", 1)]
    assert [row[0] for row in quarantine(connection)] == ["ORDER_WAIT"]
    later = datetime(2036, 3, 15, tzinfo=UTC)
    report = fold_visits(warehouse, clock=lambda: later)
    assert (report.waiting, report.visits) == (0, 1)
    assert visits(connection) == [("MVH0000123", "finished", 2)]
    assert quarantine(connection) == []


def test_a_merge_moves_the_visits_of_the_retired_patient_and_no_event(
    feed, warehouse, connection
):
    feed(adt("A01", "M1"), adt("A28", "M2", pid=SURVIVOR, pv1=""))
    fold_visits(warehouse)
    assert person(connection) == [("MVH", "1001")]
    events = connection.execute("select * from raw_ehr.event order by 1").fetchall()
    feed(adt("A40", "M3", "20260316090000-0500", pid=SURVIVOR, mrg=MERGE))
    report = fold_visits(warehouse)
    assert (report.events, report.visits, report.conflicts) == (1, 1, 0)
    assert person(connection) == [("MVH", "2002")]
    kept = connection.execute("select * from raw_ehr.event order by 1").fetchall()
    assert kept[:2] == events


def test_a_merge_into_an_unknown_patient_waits_in_quarantine(
    feed, warehouse, connection
):
    feed(adt("A01", "M1"), adt("A40", "M3", pid=SURVIVOR, mrg=MERGE))
    assert fold_visits(warehouse).conflicts == 1
    assert person(connection) == [("MVH", "1001")]
    assert [row[0] for row in quarantine(connection)] == ["MERGE_CONFLICT"]
    feed(adt("A01", "M4", pid=SURVIVOR, pv1=pv1("MVH0000900")))
    report = fold_visits(warehouse)
    assert (report.conflicts, report.visits) == (0, 2)
    assert person(connection) == [("MVH", "2002")]
    assert quarantine(connection) == []


def test_a_circle_of_merges_moves_nothing_further(feed, warehouse, connection):
    back = {"pid": "PID|1||1001^^^MVH^MR", "mrg": "MRG|2002^^^MVH^MR"}
    feed(
        adt("A01", "M1"),
        adt("A28", "M2", pid=SURVIVOR, pv1=""),
        adt("A40", "M3", "20260316090000-0500", pid=SURVIVOR, mrg=MERGE),
        adt("A40", "M4", "20260316100000-0500", **back),
    )
    assert fold_visits(warehouse).conflicts == 1
    assert person(connection) == [("MVH", "2002")]
    assert len(quarantine(connection)) == 1


def test_an_unlink_gives_the_patients_back(feed, warehouse, connection):
    feed(
        adt("A01", "M1"),
        adt("A28", "M2", pid=SURVIVOR, pv1=""),
        adt("A40", "M3", "20260316090000-0500", pid=SURVIVOR, mrg=MERGE),
    )
    fold_visits(warehouse)
    two = f"{SURVIVOR}\rPID|2||1001^^^MVH^MR"
    feed(adt("A37", "M5", "20260317090000-0500", pid=two, pv1=""))
    fold_visits(warehouse)
    assert person(connection) == [("MVH", "1001")]


def test_an_event_without_a_visit_number_is_named(feed, warehouse, connection):
    feed(adt("A01", "M1", pid="PID|1||1001^^^MVH^MR", pv1="PV1|1|I"))
    assert fold_visits(warehouse).unattributed == 1
    assert [row[0] for row in quarantine(connection)] == ["ID_MISSING"]
    fold_visits(warehouse)
    assert len(quarantine(connection)) == 1


def test_appointments_are_folded(feed, warehouse, connection):
    feed(
        siu(
            "S13", "S2", "20260302100000-0500", sch="SCH|P1|F1|||||||60|min|^^^20260321"
        ),
        siu("S12", "S1"),
        siu("S15", "S3", "20260303100000-0500", sch="SCH|P1|F1"),
    )
    report = fold_visits(warehouse)
    assert (report.appointments, report.changed) == (1, 1)
    rows = connection.execute(
        "select appointment_id, status, starts_at, duration_minutes, reason_code,"
        " visit_number from raw_ehr.folded_appointment"
    ).fetchall()
    assert rows == [
        (
            *("F1", "cancelled", datetime(2026, 3, 21, 5, tzinfo=UTC), 60),
            *("ELECTIVE", "MVH0000123"),
        )
    ]


def test_an_appointment_keeps_what_it_said_before(feed, warehouse, connection):
    moved = "SCH|P1|F1|||||||60|min|^^^20260321090000-0500"
    feed(
        siu("S15", "S3", "20260303100000-0500", sch="SCH|P1|F1"),
        siu("S14", "S4", "20260302110000-0500", sch=moved),
        siu("S13", "S2", "20260302100000-0500", sch=moved),
        siu("S12", "S1"),
    )
    fold_visits(warehouse)
    [[bookings]] = connection.execute(
        "select bookings from raw_ehr.folded_appointment"
    ).fetchall()
    assert [(row["at"], row["status"], row["starts_at"]) for row in bookings] == [
        ("2026-03-01T15:00:00+00:00", "booked", "2026-03-20T14:00:00+00:00"),
        ("2026-03-02T15:00:00+00:00", "booked", "2026-03-21T14:00:00+00:00"),
        ("2026-03-03T15:00:00+00:00", "cancelled", "2026-03-21T14:00:00+00:00"),
    ]


def test_the_same_messages_in_any_order_and_in_pieces_come_to_one_state(
    feed, warehouse, connection
):
    messages = [
        adt("A01", "M1"),
        adt("A08", "M2", "20260315090000-0500", pv1=pv1(f10="MED")),
        adt("A03", "M3", "20260316090000-0500"),
        adt("A13", "M4", "20260316093000-0500"),
    ]
    for message in reversed(messages):
        feed(message)
        fold_visits(warehouse)
    pieces = visits(connection, "content_sha256", "status", "event_count")
    connection.execute(
        "truncate raw_ehr.folded_visit, raw_ehr.event, raw_ehr.event_identifier"
    )
    fold_visits(warehouse)
    assert visits(connection, "content_sha256", "status", "event_count") == pieces
    assert pieces[0][1:] == ("in_progress", 4)


def test_the_same_message_again_lands_nothing_and_folds_nothing(
    feed, warehouse, connection
):
    feed(adt("A01", "M1"))
    fold_visits(warehouse)
    again = feed(adt("A01", "M1").replace(b"\r", b"\n"))
    assert (again.landed, again.duplicate) == (0, 2)
    assert fold_visits(warehouse).events == 0


def test_the_same_control_id_with_another_body_is_a_conflict(
    feed, warehouse, connection
):
    feed(adt("A01", "M1"))
    report = feed(adt("A01", "M1", pv1=pv1(f10="MED")))
    assert report.quarantined == 1
    fold_visits(warehouse)
    assert visits(connection, "event_count") == [(1,)]


def test_the_build_role_reads_what_was_folded(feed, warehouse, connection):
    feed(adt("A01", "M1"))
    fold_visits(warehouse)
    connection.execute("set role ledgerline_build")
    assert visits(connection, "status") == [("in_progress",)]


def test_a_fold_in_steps_reads_every_message_and_the_next_what_came_late_behind(
    feed, warehouse, connection, monkeypatch
):
    monkeypatch.setattr("ledgerline.events.fold._EVENTS_AT_ONCE", 2)
    feed(*[adt("A08", f"S{n}", f"2026031{n}0800-0500") for n in range(1, 6)])
    first = connection.execute("select min(record_id) from raw_ehr.record").fetchone()
    assert fold_visits(warehouse).events == 5
    for table in ("event_identifier", "event"):
        connection.execute(f"delete from raw_ehr.{table} where record_id = %s", first)
    assert fold_visits(warehouse).events == 1
