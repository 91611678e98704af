"""What FHIR resources, charges and remittances set in motion."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ledgerline.connectors import ehr_folder, x12_folder
from ledgerline.events.fold import fold_visits
from ledgerline.events.workflow.handle import handle_events
from ledgerline.landing.land import land
from tests.integration.landing.folder_source import endpoint
from tests.unit.connectors.formats.hl7v2_text import MESSAGES, adt, message

pytestmark = pytest.mark.integration

NUMBER = {"type": {"coding": [{"code": "AN"}]}, "value": "MVH0000123"}


def encounter(status="finished", **more):
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": status,
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p1"},
        "identifier": [NUMBER],
    } | more


def usage(number="u1", within="e1", **more):
    link = {
        "url": "http://example.org/encounter-associatedEncounter",
        "valueReference": {"reference": f"Encounter/{within}"},
    }
    return {
        "resourceType": "SupplyDelivery",
        "id": number,
        "status": "completed",
        "occurrenceDateTime": "2026-03-14T10:00:00Z",
        **({"extension": [link]} if within else {}),
    } | more


@pytest.fixture
def deliver(warehouse, tmp_path):
    """Land resources as one more file of a folder, and fold."""
    folder = tmp_path / "fhir"
    folder.mkdir()
    numbers = iter(range(1000))

    def land_and_fold(*resources):
        text = b"".join(json.dumps(each).encode() + b"\n" for each in resources)
        (folder / f"{next(numbers):03}.ndjson").write_bytes(text)
        report = land(warehouse, ehr_folder.source(endpoint(folder)))
        assert report.quarantined == 0
        fold_visits(warehouse)

    return land_and_fold


@pytest.fixture
def events(connection):
    def rows():
        return connection.execute(
            "select kind, subject, subject_id from ops.event order by event_id"
        ).fetchall()

    return rows


@pytest.fixture
def steps(connection):
    """Steps by the instance they are expected of."""

    def rows():
        found = connection.execute(
            "select array_agg(step order by step) from ops.expected_step"
            " where withdrawn_at is null group by instance_id order by 1"
        )
        return [row[0] for row in found]

    return rows


def test_a_finished_encounter_is_one_event_and_reopened_one_more(deliver, events):
    deliver(encounter("in-progress"))
    deliver(encounter())
    deliver(encounter(priority={"text": "routine"}))
    deliver(encounter("entered-in-error"))
    deliver(encounter(), encounter(priority={"text": "urgent"}))
    kinds = ("encounter_completed", "completion_withdrawn", "encounter_completed")
    assert events() == [(kind, "encounter", "e1") for kind in kinds]


def test_both_feeds_of_one_stay_are_one_workflow(deliver, feed, warehouse, steps):
    feed(adt("A01", "M1"), adt("A03", "M2", "20260317113000-0500"))
    deliver(encounter())
    handle_events(warehouse)
    assert steps() == [["billing_review", "consumption_posting"]]


def test_an_account_of_two_facilities_ties_nothing(deliver, feed, warehouse, steps):
    feed(
        *(
            adt(trigger, f"M{trigger}", at, facility=facility)
            for facility in ("MVH", "LGH")
            for trigger, at in (("A01", "20260314081500"), ("A03", "20260317113000"))
        )
    )
    deliver(encounter())
    handle_events(warehouse)
    assert steps() == [["billing_review", "consumption_posting"]] * 3


def test_goods_used_expect_their_issue_from_stock(deliver, warehouse, events, steps):
    deliver(encounter(), usage(), usage("u2"), usage("u3", status="in-progress"))
    deliver(usage("u4", within=None))
    handle_events(warehouse)
    used = [row for row in events() if row[0] == "supply_used"]
    assert used == [
        ("supply_used", "encounter", "e1"),
        ("supply_used", "encounter", "e1"),
        ("supply_used", "delivery", "u4"),
    ]
    assert steps() == [
        ["billing_review", "consumption_posting", "stock_issue"],
        ["stock_issue"],
    ]


def test_an_encounter_that_ends_tomorrow_waits_until_then(
    deliver, warehouse, events, steps
):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    deliver(encounter(period={"end": tomorrow}))
    handle_events(warehouse)
    assert (len(events()), steps()) == (1, [])


def charges(control="D1"):
    return message("charges_by_revenue_code.hl7").replace(b"M200", control.encode())


def test_charges_of_a_patient_in_the_house_wait_for_the_discharge(
    feed, warehouse, events, steps
):
    report = feed(adt("A01", "M1"), charges())
    assert report.quarantined == 0
    fold_visits(warehouse)
    handle_events(warehouse)
    assert events() == [("charges_received", "visit", "MVH0000123")]
    assert steps() == []
    feed(adt("A03", "M2", "20260317113000-0500"), charges("D2"))
    fold_visits(warehouse)
    handle_events(warehouse)
    assert steps() == [["billing_review", "consumption_posting"]]


def test_charges_are_reviewed_where_nothing_else_tells_of_the_visit(
    feed, warehouse, steps
):
    assert feed(charges()).quarantined == 0
    fold_visits(warehouse)
    handle_events(warehouse)
    assert steps() == [["billing_review"]]


def test_a_remittance_expects_its_cash_once(
    warehouse, connection, tmp_path, events, steps
):
    name = "remittance_balanced_with_provider_adjustment.835"
    folder = tmp_path / "billing"
    folder.mkdir()
    for again in ("first", "again"):
        (folder / f"{again}.835").write_bytes((MESSAGES / name).read_bytes())
        land(warehouse, x12_folder.source(endpoint(folder)))
        handle_events(warehouse)
    [(kind, subject, _)] = events()
    assert (kind, subject) == ("remittance_received", "remittance")
    assert steps() == [["cash_posting"]]


def test_every_ordered_drug_dispensed_reconciles_the_pharmacy(
    feed, warehouse, connection
):
    order = message("pharmacy_order_encoded_and_dispensed.hl7")
    left = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    assert feed(order, adt("A01", "M1"), adt("A03", "M2", left)).quarantined == 0
    fold_visits(warehouse)
    assert handle_events(warehouse).observed == 1
    assert connection.execute(
        "select step, evidence from ops.expected_step where happened_at is not null"
    ).fetchall() == [("pharmacy_reconciliation", "1 orders are dispensed")]
