"""A Bundle in memory is read as the scanner reads it, or left to the scanner."""

import json
from pathlib import Path

import pytest

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.fhir import bundle, small_bundle
from ledgerline.connectors.formats.record import Record, Refusal

MESSAGES = Path(__file__).parents[3] / "messages"
RESOURCES = [
    json.loads(line)
    for line in (MESSAGES / "fhir_resources_of_every_kind.ndjson")
    .read_bytes()
    .split(b"\n")
    if line
]
ENTRIES = [
    {"fullUrl": f"urn:uuid:{number}", "resource": resource}
    for number, resource in enumerate(RESOURCES)
]
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": ENTRIES}


def content(text, size=4096):
    return lambda: (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("indent", [None, 1, "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_both_ways_find_the_same_entries(indent, mark):
    text = mark + json.dumps(BUNDLE, indent=indent).encode()
    quick, thorough = [], []
    found = small_bundle.elements(content(text), quick)
    assert found == list(bundle.elements(content(text)(), types=thorough))
    assert quick == thorough == [b"collection"]
    assert [json.loads(element.resource) for element in found] == RESOURCES
    for element in found:
        end = element.resource_offset + len(element.resource)
        assert text[element.resource_offset : end] == element.resource


@pytest.mark.parametrize(
    "text",
    [
        b'{"resourceType":"Bundle","entry":[{"resource":{}}],"entry":[{"resource":{}}]}',
        b'{"resourceType":"Bundle","entr\\u0079":[{}],"entry":[{"resource":{}}]}',
        b'{"resourceType":"Bundle","entry":[{"resource":{},"resource":{}}]}',
        b'{"resourceType":"Bundle","entry":[{"resource":[]}]}',
        b'{"resourceType":"Bundle","entry":[]}',
        b'{"resourceType":"Bundle","entry":[{"resource":{}}',
        b"[]",
        b"",
    ],
)
def test_an_unusual_bundle_is_left_to_the_scanner(text):
    assert small_bundle.elements(content(text), []) is None


def test_a_bundle_beyond_the_cap_is_left_to_the_scanner(monkeypatch):
    monkeypatch.setattr(small_bundle, "MAX_RECORD_BYTES", 100)
    assert small_bundle.elements(content(json.dumps(BUNDLE).encode()), []) is None


def test_two_lists_of_entries_lose_none():
    one, other = (json.dumps({"resource": each}) for each in RESOURCES[:2])
    text = f'{{"resourceType":"Bundle","entry":[{one}],"entry":[{other}]}}'.encode()
    items = list(fhir.read(fhir.Kind.BUNDLE, content(text)))
    assert [type(item) for item in items] == [Record, Record]


def test_references_within_a_bundle_lead_to_its_resources():
    patient = {"resourceType": "Patient", "id": "p9"}
    encounter = RESOURCES[1] | {"subject": {"reference": "urn:uuid:a"}}
    practitioner = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1"
    encounter["participant"] = [{"individual": {"reference": practitioner}}]
    entries = [
        {"fullUrl": "urn:uuid:b", "resource": encounter},
        {"fullUrl": "urn:uuid:a", "resource": patient},
    ]
    text = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    first, _ = fhir.read(fhir.Kind.BUNDLE, content(text))
    body = json.loads(first.body)
    assert body["subject"] == {"reference": "Patient/p9"}
    # a search names no resource of this file: staging finds it by its identifier
    assert body["participant"][0]["individual"]["reference"] == practitioner


def test_an_address_that_is_none_is_not_written_into_others():
    spoiled = {"resourceType": "Pa\ntient", "id": "p9"}
    encounter = RESOURCES[1] | {"subject": {"reference": "urn:uuid:a"}}
    entries = [
        {"fullUrl": "urn:uuid:a", "resource": spoiled},
        {"fullUrl": "urn:uuid:b", "resource": encounter},
    ]
    text = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    refused, kept = fhir.read(fhir.Kind.BUNDLE, content(text))
    assert isinstance(refused, Refusal)
    assert json.loads(kept.body)["subject"] == {"reference": "urn:uuid:a"}
