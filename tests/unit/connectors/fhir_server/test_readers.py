"""Deletions, outcomes and search pages become tombstones, records and refusals."""

import json

import pytest

from ledgerline.connectors.fhir_server.readers import reader
from ledgerline.connectors.formats.record import (
    Record,
    Refusal,
    RefusalClass,
    Tombstone,
)


def read(format_name, data):
    return list(reader(format_name)(lambda: iter([data])))


def deletions(*requests):
    entries = [{"request": request} for request in requests]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return json.dumps(bundle).encode()


def test_each_delete_of_each_line_is_a_tombstone_with_its_place():
    lines = [
        deletions(
            {"method": "DELETE", "url": "Patient/1"},
            {"method": "DELETE", "url": "https://fhir.example.org/r4/Encounter/e.2-3"},
        ),
        deletions({"method": "DELETE", "url": "Claim/c"}),
    ]
    data = b"\n".join(lines)
    found = read("fhir-deletions", data)
    assert [(t.resource_type, t.resource_id) for t in found] == [
        ("Patient", "1"),
        ("Encounter", "e.2-3"),
        ("Claim", "c"),
    ]
    for item in found:
        text = data[item.byte_offset : item.byte_offset + item.byte_length]
        assert item.resource_id in text.decode()
        assert json.loads(text)["request"]["method"] == "DELETE"


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "PUT", "url": "Patient/1"},
        {"method": "DELETE", "url": "Patient?identifier=ZZPHI"},
        {"method": "DELETE", "url": "Patient"},
        {"method": "DELETE"},
        {"url": "Patient/ZZPHI"},
        "DELETE Patient/ZZPHI",
        None,
    ],
)
def test_an_entry_that_deletes_no_one_resource_is_refused_alone(request_):
    data = deletions({"method": "DELETE", "url": "Patient/1"}, request_)
    tombstone, refusal = read("fhir-deletions", data)
    assert isinstance(tombstone, Tombstone)
    assert isinstance(refusal, Refusal)
    assert "ZZPHI" not in refusal.message


def test_a_line_that_is_cut_is_refused_and_the_others_are_read():
    whole = deletions({"method": "DELETE", "url": "Patient/1"})
    found = read("fhir-deletions", whole + b"\n" + whole[:50])
    assert [type(item) for item in found] == [Tombstone, Refusal]
    assert found[1].refusal_class is RefusalClass.TRUNCATED_RECORD
    assert found[1].byte_offset == len(whole) + 1


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"code": "processing"}]}


def test_an_outcome_without_an_id_is_named_by_its_content():
    text = json.dumps(OUTCOME).encode()
    first, same, named = read(
        "fhir-outcomes",
        b"\n".join([text, text, json.dumps({**OUTCOME, "id": "x"}).encode()]),
    )
    assert first.resource_id == same.resource_id
    assert len(first.resource_id) == 64
    assert named.resource_id == "x"
    assert json.loads(first.body) == OUTCOME


@pytest.mark.parametrize("line", [b"7", b'{"resourceType":"Patient"}', b'{"a":', b"x"])
def test_a_line_that_is_no_outcome_is_refused(line):
    [item] = read("fhir-outcomes", line)
    assert isinstance(item, Refusal)


def test_the_outcome_of_a_page_is_a_record_with_its_place():
    patient = {"resourceType": "Patient", "id": "1"}
    page = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [
            {"resource": patient, "search": {"mode": "match"}},
            {"resource": OUTCOME, "search": {"mode": "outcome"}},
        ],
    }
    data = json.dumps(page).encode()
    found = read("fhir-page", data)
    assert [type(item) for item in found] == [Record, Record]
    place = found[1].byte_offset, found[1].byte_offset + found[1].byte_length
    assert json.loads(data[slice(*place)]) == OUTCOME
