"""What one message says."""

import json

import pytest

from ledgerline.connectors.formats.hl7v2.separators import (
    LONGEST_REMEMBERED,
    STANDARD,
    Remembered,
)
from ledgerline.connectors.formats.record import Record
from tests.unit.connectors.formats.hl7v2_text import (
    adt,
    charset,
    message,
    pv1,
    read,
    siu,
)

ONE = adt("A01", "M1")


def body(content):
    (record,) = read(content)
    assert isinstance(record, Record), record
    return json.loads(record.body)


def test_an_admission_in_full():
    given = body(
        adt("A01", "M1", pv1=pv1(f7="77^HOUSE^G^^^^^^NPI", f44="202603140800"))
    )
    assert given == {
        "message_type": "ADT",
        "trigger": "A01",
        "structure": "ADT_A01",
        "version": "2.5.1",
        "sending_application": "EPICADT",
        "sending_facility": "MVH",
        "control_id": "M1",
        "message_at": "2026-03-14T08:15:00-05:00",
        "event_at": "2026-03-14T08:15:00-05:00",
        "patient": {
            "identifiers": [{"value": "1001", "authority": "MVH", "type": "MR"}],
            "account_number": "MVH0000123",
            "sex": "F",
        },
        "visit": {
            "visit_number": "MVH0000123",
            "authority": "MVH",
            "patient_class": "I",
            "location": {
                "point_of_care": "4EAST",
                "room": "401",
                "bed": "A",
                "facility": "MVH",
            },
            "hospital_service": "SUR",
            "attending": {"id": "77", "authority": "NPI"},
            "admitted_at": "2026-03-14T08:00",
        },
    }


def test_escapes_are_resolved_deletions_are_null_and_unread_segments_are_named():
    given = body(message("admission_with_escapes_and_deletion.hl7"))
    assert given["visit"]["location"]["point_of_care"] == "4&5 EAST"
    assert given["visit"]["discharge_disposition"] is None
    assert given["occurred_at"] == "2026-03-14T08:55:00-05:00"
    assert given["unread_segments"] == ["DG1"]


def test_charges_name_their_revenue_and_procedure_codes():
    first, second, third = body(message("charges_by_revenue_code.hl7"))["transactions"]
    assert first == {
        "transaction_id": "CH0001",
        "date": "2026-03-14",
        "posting_date": "2026-03-15",
        "type": "CG",
        "code": "0450",
        "code_system": "NUBC",
        "quantity": "1",
        "extended_amount": "1250.00",
        "unit_amount": "1250.00",
        "department": "ED",
        "revenue_code": "0450",
        "procedure_code": "99284",
        "modifiers": ["25", "59"],
    }
    assert (second["revenue_code"], second["procedure_code"]) == ("0278", "C1776")
    assert (third["type"], third["extended_amount"]) == ("CD", "-12.50")


def test_an_appointment_names_its_times_and_resources():
    given = body(message("surgery_booked_in_an_operating_room.hl7"))["appointment"]
    assert given == {
        "placer_id": "P77",
        "filler_id": "F88",
        "status": "BOOKED",
        "starts_at": "2026-03-20T09:00:00-05:00",
        "ends_at": "2026-03-20T10:30:00-05:00",
        "reason_code": "ELECTIVE",
        "duration_minutes": "90",
        "resources": [
            {
                "kind": "service",
                "id": "27447",
                "starts_at": "2026-03-20T09:00:00-05:00",
            },
            {
                "kind": "location",
                "id": "OR3",
                "type": "OR",
                "starts_at": "2026-03-20T09:00:00-05:00",
            },
            {
                "kind": "person",
                "id": "5544",
                "type": "SURG",
                "starts_at": "2026-03-20T09:30:00-05:00",
            },
        ],
    }


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("SURG^OR3^2^MVH&1.2.3&ISO", {"id": "SURG", "room": "OR3"}),
        ("SURG^OR3&part ^^MVH~SURG^OR4", {"id": "SURG", "room": "OR3"}),
        ("SURG^^^MVH", {"id": "SURG"}),
        ("^OR3^^MVH", {"room": "OR3"}),
        ('SURG^""', {"id": "SURG", "room": None}),
        ("OR3", {"id": "OR3"}),
    ],
)
def test_a_place_that_is_booked_is_told_by_unit_and_room(place, named):
    given = body(siu("S12", "S1", resources=("RGS|1", f"AIL|1|A|{place}")))
    assert given["appointment"]["resources"] == [{"kind": "location", **named}]


def test_a_code_of_another_resource_has_no_room():
    planned = ("RGS|1", "AIS|1|A|27447^Knee replacement^C4")
    given = body(siu("S12", "S1", resources=planned))
    assert given["appointment"]["resources"] == [{"kind": "service", "id": "27447"}]


@pytest.mark.parametrize(
    ("given", "minutes"),
    [("45|min", "45"), ("2|hr", "120"), ("90|s", "1.50"), ("30|", "30")],
)
def test_a_duration_is_told_in_minutes(given, minutes):
    sch = f"SCH|P1|F1|||||ELECTIVE||{given}|^^^20260320"
    assert body(siu("S12", "S1", sch=sch))["appointment"]["duration_minutes"] == minutes


def test_what_was_dispensed_wins_over_what_was_ordered():
    (order,) = body(message("pharmacy_order_encoded_and_dispensed.hl7"))["orders"]
    assert order == {
        "control": "RE",
        "placer_id": "PO9",
        "filler_id": "FO9",
        "code": "00071015523",
        "code_system": "NDC",
        "quantity": "28",
        "unit": "TAB",
    }


def test_a_merge_names_the_retired_patient():
    given = body(message("merge_of_two_patients_with_linefeeds.hl7"))
    assert given["merge"]["identifiers"][0]["value"] == "1001"
    assert given["patient"]["identifiers"][0]["value"] == "2002"


def test_other_separators_are_read_as_declared():
    text = ONE.decode().replace("^~\\&", "@#!%").replace("|", "*").replace("^", "@")
    assert body(text.encode()) == body(ONE)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("8859/2", "iso8859-2"),
        ("ASCII~UNICODE UTF-8", "ascii"),
    ],
)
def test_a_declared_character_set_is_decoded(name, codec):
    text = "MULLER" if codec == "ascii" else "Müller"
    content = charset(name, text).encode(codec)
    assert body(content)["visit"]["location"]["point_of_care"] == text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("A\\T\\B\\S\\C\\R\\D\\F\\E\\E\\F", "A&B^C~D|E\\F"),
        ("A\\X41\\B", "AAB"),
        ("A\\H\\B\\N\\C", "ABC"),
        ("A\\Zxy\\B", "A\\Zxy\\B"),
        ("A\\B", "A\\B"),
        ("A\\.br\\B", "A\nB"),
    ],
)
def test_an_escape_sequence_stands_for_its_character(text, meaning):
    given = body(charset("", text).encode())
    assert given["visit"]["location"]["point_of_care"] == meaning


def test_amounts_keep_every_digit_as_text():
    content = message("charges_by_revenue_code.hl7")
    given = body(content.replace(b"8400.00&USD", b"001234567890.10"))
    assert given["transactions"][1]["extended_amount"] == "001234567890.10"


def test_a_message_of_another_type_lands_with_what_is_known_of_it():
    text = ONE.replace(b"ADT^A01^ADT_A01", b"ORU^R01").replace(b"EVN|", b"OBX|")
    given = body(text)
    assert (given["message_type"], given["unread_segments"]) == ("ORU", ["OBX"])
    assert given["patient"]["account_number"] == "MVH0000123"


def test_what_texts_mean_is_remembered_up_to_a_number_and_a_length():
    asked = []

    def meaning(text, marks):
        asked.append(text)
        return text.split(marks.component)[0]

    known = Remembered(meaning, STANDARD, most=2)
    long = "x" * (LONGEST_REMEMBERED + 1)
    assert [known[text] for text in ("A^1", "A^1", long, long)] == [
        "A",
        "A",
        long,
        long,
    ]
    assert asked == ["A^1", long, long]
    assert [known[f"{letter}^2"] for letter in "BCDE"] == ["B", "C", "D", "E"]
    assert len(known) <= 2
