"""What one message says, and why another is refused."""

import json

import pytest

from ledgerline.connectors.formats.hl7v2.header import MAX_RECORD_BYTES, read_header
from ledgerline.connectors.formats.record import Record, RecordRefused
from tests.unit.connectors.formats.hl7v2_text import adt, message, pv1, read, siu

ONE = adt("A01", "M1")
SECRET = "ZZSECRET"


def body(content):
    (record,) = read(content)
    assert isinstance(record, Record), record
    return json.loads(record.body)


def refused(content):
    (item,) = read(content)
    assert not isinstance(item, Record), item.body
    return item


def charset(name, text="Müller"):
    """A message that declares a character set, with a place of this name in it."""
    header, rest = ONE.decode().split("\r", 1)
    fields = header.split("|")
    fields += [""] * (18 - len(fields))
    fields[17] = name
    return "|".join(fields) + "\r" + rest.replace("4EAST", text)


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
    ("content", "word"),
    [
        (charset("KLINGON").encode(), "CHARSET"),
        (charset("UNICODE UTF-16").encode(), "CHARSET"),
        (charset("ASCII").encode("latin-1"), "CHARSET"),
        (charset("8859/1", "M\x81ller").encode("latin-1"), "CHARSET"),
        (charset("8859/1").encode("utf-8"), "CHARSET"),
        (b"\xef\xbb\xbf" + charset("8859/1", "Muller").encode(), "CHARSET"),
        (charset("", "A\\C2842\\B").encode(), "CHARSET"),
        (charset("UNICODE UTF-8").encode("cp1252"), "ENCODING"),
        (charset("").encode("cp1252"), "ENCODING"),
        (charset("", "A\x00B").encode(), "ENCODING"),
        (charset("", "A\\X00\\B").encode(), "ENCODING"),
        (charset("", "A\\XFF\\B").encode(), "ENCODING"),
        (charset("", "A").encode().replace(b"4", b"\xed\xa0\x80", 1), "ENCODING"),
    ],
)
def test_a_character_set_that_is_unknown_or_belied_is_refused(content, word):
    assert refused(content).refusal_class == word


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


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"MSH|^~\\", "TRUNCATED"),
        (b"MSH|^~\\&\r", "TRUNCATED"),
        (ONE[:40], "TRUNCATED"),
        (ONE.split(b"\r")[0] + b"\r", "TRUNCATED"),
        (ONE.replace(b"|M1|", b"||"), "ID_MISSING"),
        (ONE.replace(b"ADT^A01^ADT_A01", b""), "SEGMENT_INVALID"),
        (ONE.replace(b"PID|", b"ZID|"), "SEGMENT_INVALID"),
        (ONE.replace(b"PV1|", b"ZV1|"), "SEGMENT_INVALID"),
        (ONE.replace(b"EVN|", b"ZVN|"), "SEGMENT_INVALID"),
        (ONE.replace(b"\rPV1|", b"\nPV1|"), "SEGMENT_DELIM"),
        (ONE.replace(b"\rPV1|", b"\r pv1|"), "SEGMENT_DELIM"),
        (ONE.replace(b"MSH|^~\\&", b"MSH|^~^&"), "SEGMENT_DELIM"),
        (ONE.replace(b"MSH|^~\\&", b"MSH|^~\\A"), "SEGMENT_DELIM"),
        (adt("A01", "M1", "20260231081500"), "DATE_INVALID"),
        (adt("A01", "M1", "20260228250000"), "DATE_INVALID"),
        (adt("A01", "M1", "yesterday"), "DATE_INVALID"),
        (adt("A01", "M1", ""), "DATE_INVALID"),
        (adt("A01", "M1", pv1=pv1(f44="infinity")), "DATE_INVALID"),
        (adt("A01", "M1", sequence="x"), "NUMBER_INVALID"),
        (adt("A40", "M1"), "SEGMENT_INVALID"),
        (siu("S12", "S1", sch="ZCH|1"), "SEGMENT_INVALID"),
    ],
)
def test_a_message_that_cannot_be_trusted_is_refused(content, word):
    assert refused(content).refusal_class == word


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (b"|8400.00&USD", b"|8400.005&USD", "AMOUNT_SCALE"),
        (b"|8400.00&USD", b"|NaN", "AMOUNT_INVALID"),
        (b"|8400.00&USD", b"|Infinity", "AMOUNT_INVALID"),
        (b"|8400.00&USD", b"|1E5", "AMOUNT_INVALID"),
        (b"|8400.00&USD", b"|" + b"9" * 5000, "AMOUNT_INVALID"),
        (b"|8400.00&USD", b"|8400.00&EUR", "CODE_INVALID"),
        (b"|||2|8400", b"|||two|8400", "NUMBER_INVALID"),
        (b"|20260314|20260315|CD", b"|20260314|20261315|CD", "DATE_INVALID"),
        (b"FT1|", b"ZT1|", "SEGMENT_INVALID"),
    ],
)
def test_a_charge_that_cannot_be_trusted_is_refused(old, new, word):
    content = message("charges_by_revenue_code.hl7")
    assert old in content
    assert refused(content.replace(old, new)).refusal_class == word


def test_amounts_keep_every_digit_as_text():
    content = message("charges_by_revenue_code.hl7")
    given = body(content.replace(b"8400.00&USD", b"0012345678901234.10"))
    assert given["transactions"][1]["extended_amount"] == "0012345678901234.10"


def test_a_message_of_another_type_lands_with_what_is_known_of_it():
    text = ONE.replace(b"ADT^A01^ADT_A01", b"ORU^R01").replace(b"EVN|", b"OBX|")
    given = body(text)
    assert (given["message_type"], given["unread_segments"]) == ("ORU", ["OBX"])
    assert given["patient"]["account_number"] == "MVH0000123"


def test_a_message_beyond_the_cap_is_refused():
    with pytest.raises(RecordRefused) as found:
        read_header(ONE + b"OBX|" + b"x" * MAX_RECORD_BYTES)
    assert found.value.refusal_class == "RESOURCE_LIMIT"


@pytest.mark.parametrize("place", ["EVN-2", "PV1-44", "FT1-11", "MSH-13", "PID-7"])
def test_a_refusal_never_holds_a_value_of_the_message(place):
    contents = {
        "EVN-2": adt("A01", "M1", sent="20260314").replace(
            b"EVN|A01|20260314081500-0500", f"EVN|A01|{SECRET}".encode()
        ),
        "PV1-44": adt("A01", "M1", pv1=pv1(f44=SECRET)),
        "FT1-11": message("charges_by_revenue_code.hl7").replace(
            b"|8400.00&USD", f"|{SECRET}".encode()
        ),
        "MSH-13": adt("A01", "M1", sequence=SECRET),
        "PID-7": adt("A01", "M1", pid=f"PID|1||1001||||{SECRET}"),
    }
    found = refused(contents[place])
    assert place in found.message
    assert SECRET not in found.message
