"""What FHIR R4 allows is taken, however rare; the rest is named by its place."""

import json

import pytest

from ledgerline.connectors.formats.fhir import structure
from ledgerline.connectors.formats.fhir.structure.coherence import is_reversed
from ledgerline.connectors.formats.record import RecordRefused

ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
}
UNKNOWN = {"extension": [{"url": "http://a", "valueCode": "unknown"}]}


def check(**changes):
    resource = ENCOUNTER | changes
    return structure.check(resource, json.dumps(resource).encode())


def refusal(**changes):
    with pytest.raises(RecordRefused) as caught:
        check(**changes)
    return caught.value.refusal_class, caught.value.message


def referring(reference, **more):
    return {"subject": {"reference": reference, **more}}


def without_status():
    resource = {**ENCOUNTER, "_status": UNKNOWN}
    del resource["status"]
    return resource


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/1",
        "Group/a.b-C",
        "Patient/1/_history/2",
        "https://fhir.example.org/r4/Patient/1",
        "http://localhost:8080/fhir/Patient/1/_history/3",
        "urn:uuid:0c287d32-01e3-4d87-9953-9fcc9404eb21",
        "urn:oid:1.2.3",
        "Patient?identifier=http://example.org/mrn|0001",
        "https://archive.example.org/people/1",
        "https://archive.example.org/p",
    ],
)
def test_every_form_of_a_reference_is_taken(reference):
    assert check(**referring(reference)) == "Encounter"


@pytest.mark.parametrize(
    "reference",
    [
        "Claim/1",
        "patient/1",
        "Patient/" + "1" * 65,
        "Patient/",
        "Patient",
        "1",
        "Patient/1/2",
        "https://fhir.example.org/r4/Claim/1",
        "https://fhir.example.org/r4/Claim/1/_history/2",
        "Claim?identifier=a|b",
        "ftp://example.org/Patient/1",
        "Patient/1\nClaim/1",
    ],
)
def test_a_reference_to_anything_else_is_refused(reference):
    found, message = refusal(**referring(reference))
    assert found == "REFERENCE_INVALID"
    assert message.startswith("Encounter.subject.reference: ")
    assert reference not in message


@pytest.mark.parametrize("kind", ["Patient", "http://example.org/logical"])
def test_the_type_of_a_reference_may_be_said(kind):
    assert check(**referring("Patient/1", type=kind)) == "Encounter"


def test_the_type_of_a_reference_must_be_allowed():
    assert (
        "Encounter.subject.type" in refusal(**referring("Patient/1", type="Claim"))[1]
    )


def test_a_reference_to_a_contained_resource_that_is_there_is_taken():
    contained = [{"resourceType": "Patient", "id": "inside"}]
    assert check(contained=contained, **referring("#inside")) == "Encounter"


def test_a_contained_resource_contains_no_other():
    inner = [{"resourceType": "Patient", "id": "b"}]
    contained = [{"resourceType": "Patient", "id": "a", "contained": inner}]
    assert refusal(contained=contained)[0] == "CONTRACT_DRIFT"


def test_a_required_code_may_be_known_to_be_unknown():
    resource = without_status()
    assert structure.check(resource, b"") == "Encounter"


def test_an_extension_may_have_an_id_and_extend_its_value():
    extension = {"id": "x", "url": "http://a", "valueCode": "b", "_valueCode": UNKNOWN}
    assert check(extension=[extension]) == "Encounter"


def test_an_empty_list_of_extensions_of_a_resource_says_nothing_and_is_taken():
    assert check(extension=[]) == "Encounter"
    assert refusal(modifierExtension=[])[0] == "CONTRACT_DRIFT"


def test_a_null_stands_only_beside_an_extension():
    patient = {"resourceType": "Patient", "id": "p"}
    name = {"given": ["A", None], "_given": [None, UNKNOWN]}
    assert structure.check(patient | {"name": [name]}, b"") == "Patient"
    for beside in ([UNKNOWN, None], [UNKNOWN]):
        with pytest.raises(RecordRefused):
            structure.check(patient | {"name": [name | {"_given": beside}]}, b"")


@pytest.mark.parametrize(
    ("day", "is_possible"),
    [
        ("2024-02-29", True),
        ("2000-02-29", True),
        ("1900-02-29", False),
        ("2023-02-29", False),
        ("2026-04-31", False),
        ("2026-12-31", True),
        ("2026-13-01", False),
        ("2026-02", True),
        ("2026", True),
        ("0000-01-01", False),
    ],
)
def test_a_day_must_be_on_the_calendar(day, is_possible):
    if is_possible:
        assert check(period={"start": day}) == "Encounter"
    else:
        assert refusal(period={"start": day})[0] == "DATE_INVALID"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-02", "2026-01-01", True),
        ("2026-01-01", "2026-01-01", False),
        ("2026-01", "2026-01-15", False),
        ("2026-02-10", "2026-02", False),
        ("2026-02", "2026-01-31", True),
        ("2026-01-01T10:00:00Z", "2026-01-01T09:59:59Z", True),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z", False),
        ("2026-01-01T10:00:00+02:00", "2026-01-01T08:30:00Z", False),
        ("2026-01-01T10:00:00-02:00", "2026-01-01T11:30:00Z", True),
        ("2026-01-01T10:00:00.500Z", "2026-01-01T10:00:00Z", True),
        ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00+00:00", False),
        ("2026-01-02T10:00:00Z", "2026-01-01", True),
        ("2026-01-02T10:00:00Z", "2026-01-02", False),
    ],
)
def test_a_period_ends_before_it_starts_only_where_both_are_precise(
    start, end, expected
):
    assert is_reversed(start, end) is expected


def test_an_open_period_beside_a_closed_one_hides_nothing():
    closed = {"end": "2026-01-01", "start": "2026-01-02"}
    history = [
        {"status": "planned", "period": {"start": "2026-01-01"}},
        {"status": "planned", "period": {"end": "2026-01-01"}},
        {"status": "planned", "period": closed},
    ]
    assert refusal(statusHistory=history)[0] == "DATE_INVALID"


def test_a_reason_names_the_field_that_is_missing():
    resource = dict(ENCOUNTER)
    del resource["class"]
    with pytest.raises(RecordRefused, match=r"Encounter: .*missing \(class\)"):
        structure.check(resource, b"")
