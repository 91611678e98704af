"""FHIR files: what becomes a record, what is refused, and where it lies."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.fhir import structure
from ledgerline.connectors.formats.fhir.bundle import elements
from ledgerline.connectors.formats.lines import lines
from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    RecordRefused,
    Refusal,
)

MESSAGES = Path(__file__).parents[2] / "messages"
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
}


def in_pieces(text, size):
    return lambda: (text[at : at + size] for at in range(0, len(text), size))


def read(text, name="Encounter.ndjson", size=7):
    kind = fhir.recognise(name, text[: 64 * 1024])
    return list(fhir.read(kind, in_pieces(text, size)))


def encoded(**changes):
    return json.dumps(ENCOUNTER | changes).encode()


def test_each_bad_line_is_refused_for_its_own_reason_and_the_rest_is_kept():
    text = (MESSAGES / "encounters_with_every_kind_of_bad_line.ndjson").read_bytes()
    items = read(text)
    kept = [item.resource_id for item in items if isinstance(item, Record)]
    refused = [item.refusal_class for item in items if isinstance(item, Refusal)]
    assert kept == ["good", "backslash-u0000-is-innocent"]
    assert refused == [
        "CODE_INVALID",
        "CONTRACT_DRIFT",
        "JSON_AMBIGUOUS",
        "NUMBER_INVALID",
        "NUMBER_INVALID",
        "ENCODING",
        "ENCODING",
        "ID_MISSING",
        "CONTRACT_DRIFT",
        "DATE_INVALID",
        "CONTRACT_DRIFT",
        "PARSE",
        "TRUNCATED_RECORD",
    ]


def test_messages_name_the_place_and_never_the_value():
    text = (MESSAGES / "encounters_with_every_kind_of_bad_line.ndjson").read_bytes()
    messages = [item.message for item in read(text) if isinstance(item, Refusal)]
    assert "Encounter.status: a code outside its value set [enum]" in messages
    assert not any("nonsense" in message or "red" in message for message in messages)


@pytest.mark.parametrize("size", [1, 3, 50, 100_000])
def test_every_item_lies_where_it_says(size):
    text = (MESSAGES / "encounters_with_every_kind_of_bad_line.ndjson").read_bytes()
    for item in read(text, size=size):
        piece = text[item.byte_offset : item.byte_offset + item.byte_length]
        assert piece == piece.strip()
        assert piece in text.split(b"\n")
        if isinstance(item, Record):
            assert item.content_sha256 == hashlib.sha256(piece).digest()


def test_line_ends_of_windows_and_a_byte_order_mark_are_no_content():
    text = b"\xef\xbb\xbf" + encoded() + b"\r\n\r\n" + encoded(id="e2") + b"\r\n"
    first, second = read(text)
    assert (first.byte_offset, second.resource_id) == (3, "e2")
    assert text[first.byte_offset :].startswith(first.body)


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_marks_between_files_that_were_put_together_are_no_content(size):
    mark = b"\xef\xbb\xbf"
    text = mark + encoded() + b"\n" + mark + encoded(id="e2") + b"\n" + mark
    items = read(text, size=size)
    assert [item.resource_id for item in items] == ["e1", "e2"]
    for item in items:
        assert text[item.byte_offset :][: item.byte_length] == item.body


def test_lines_may_end_with_carriage_returns_alone():
    text = b"\r".join([encoded(), encoded(id="e2"), b""])
    assert [item.resource_id for item in read(text)] == ["e1", "e2"]
    cut = encoded()[:20] + b"\r\n" + encoded(id="e2") + b"\r\n" + encoded(id="e3")
    assert [type(item) for item in read(cut)] == [Refusal, Record, Record]


def test_an_outcome_in_a_saved_search_page_is_named_by_its_hash():
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "warning", "code": "incomplete"}],
    }
    text = json.dumps(bundle(ENCOUNTER, outcome, type="searchset")).encode()
    _, item = read(text, name="page.json")
    digest = hashlib.sha256(json.dumps(outcome).encode()).hexdigest()
    assert (item.resource_type, item.resource_id) == ("OperationOutcome", digest)


def test_bytes_that_are_not_utf8_are_refused_and_not_repaired():
    text = encoded(language="X").replace(b"X", b"fran\xe7ais")
    (item,) = read(text)
    assert item.refusal_class == "ENCODING"


def test_a_number_of_five_thousand_digits_is_refused():
    text = encoded(length={"value": 0}).replace(
        b'"value": 0', b'"value": ' + b"9" * 5000
    )
    (item,) = read(text)
    assert item.refusal_class == "NUMBER_INVALID"


@pytest.mark.parametrize("levels", [1_030, 200_000])
def test_a_depth_bomb_is_refused_and_the_process_survives(levels):
    bomb = b'{"resourceType":"Encounter","id":' + b"[" * levels + b"]" * levels + b"}"
    (item,) = read(bomb, size=64 * 1024)
    assert item.refusal_class == "RESOURCE_LIMIT"


def test_deep_valid_extensions_do_not_crash():
    extension = {"url": "x", "valueString": "y"}
    for _ in range(400):
        extension = {"url": "x", "extension": [extension]}
    (item,) = read(encoded(extension=[extension]), size=1024)
    assert isinstance(item, Record)


def test_a_line_longer_than_the_cap_is_refused_without_being_held():
    text = b'{"a":"' + b"x" * 300 + b'"}\n{"b":1}\n'
    found = list(lines(in_pieces(text, 16)(), cap=100))
    assert [line.text for line in found] == [None, b'{"b":1}']
    assert (found[0].length, found[1].offset) == (308, 309)


@pytest.mark.parametrize("member", ["type", "period", "subject"])
def test_a_text_where_an_object_belongs_is_refused(member):
    (item,) = read(encoded(**{member: "text"}), size=1000)
    assert item.refusal_class == "CONTRACT_DRIFT"


def test_null_beside_a_primitive_extension_is_allowed():
    extension = {"extension": [{"url": "x", "valueCode": "unknown"}]}
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "name": [{"given": ["A", None], "_given": [None, extension]}],
    }
    assert structure.check(patient, json.dumps(patient).encode()) == "Patient"


def test_a_contained_resource_is_checked_as_its_own_type():
    inner = {"resourceType": "Device", "id": "d", "status": "nonsense"}
    with pytest.raises(RecordRefused, match=r"Device\.status"):
        structure.check({**ENCOUNTER, "contained": [inner]}, b"")


def test_a_field_name_that_is_no_name_is_not_repeated():
    with pytest.raises(RecordRefused) as caught:
        structure.check({**ENCOUNTER, "Jane Roe 1961": 1}, b"")
    assert "Jane" not in str(caught.value)
    assert "(a name foreign to R4)" in str(caught.value)


def test_the_same_version_written_differently_has_one_version_content():
    first = encoded(meta={"versionId": "3"})
    second = json.dumps(json.loads(first), sort_keys=True, indent=None).encode()
    (a,), (b,) = read(first), read(second)
    assert a.version_key == b.version_key == "Encounter/e1/3"
    assert a.version_sha256 == b.version_sha256
    assert a.content_sha256 != b.content_sha256


@pytest.mark.parametrize("size", [1, 2, 13, 4096])
def test_a_bundle_gives_its_entries_with_local_references_resolved(size):
    text = (MESSAGES / "bundle_with_local_references.json").read_bytes()
    patient, encounter, gone = read(text, name="b.json", size=size)
    body = json.loads(encounter.body)
    assert patient.resource_id == "pat-1"
    assert encounter.resource_id == body["id"] == "0a1c"
    assert body["subject"]["reference"] == "Patient/pat-1"
    assert body["serviceProvider"]["reference"] == "urn:uuid:not-here"
    assert (gone.resource_type, gone.resource_id) == ("Patient", "9")
    raw = text[encounter.byte_offset : encounter.byte_offset + encounter.byte_length]
    assert encounter.content_sha256 == hashlib.sha256(raw).digest()
    assert json.loads(raw)["subject"]["reference"] == "urn:uuid:0a1b"


def test_bundles_one_a_line_are_read_too():
    one = json.dumps({"resourceType": "Bundle", "entry": [{"resource": ENCOUNTER}]})
    items = read(f"{one}\n{one}\n".encode(), name="bundles.ndjson")
    assert [item.resource_id for item in items] == ["e1", "e1"]


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.99])
def test_a_bundle_that_is_cut_off_is_refused_whole(keep):
    text = (MESSAGES / "bundle_with_local_references.json").read_bytes().rstrip()
    with pytest.raises(FileRefused) as caught:
        read(text[: int(len(text) * keep)], name="b.json")
    assert caught.value.refusal_class == "TRUNCATED_RECORD"


def test_an_entry_longer_than_the_cap_stops_the_bundle():
    entry = {"resource": ENCOUNTER | {"language": "x" * 5000}}
    text = json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode()
    with pytest.raises(FileRefused) as caught:
        list(elements(in_pieces(text, 100)(), cap=1000))
    assert caught.value.refusal_class == "RESOURCE_LIMIT"


def test_one_pretty_printed_resource_is_one_record():
    text = json.dumps(ENCOUNTER, indent=2).encode()
    (item,) = read(text, name="encounter.json")
    assert (item.resource_id, item.byte_length) == ("e1", len(text))


def bundle(*resources, **members):
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | members


@pytest.mark.parametrize("own", [{}, {"id": "b1"}], ids=["no id", "id"])
def test_a_bundle_among_other_resources_gives_its_entries_where_they_lie(own):
    line = json.dumps(bundle(ENCOUNTER | {"id": "e2"}, **own)).encode()
    text = encoded() + b"\n" + line + b"\n"
    _, item = read(text)
    assert item.resource_id == "e2"
    there = text[item.byte_offset :][: item.byte_length]
    assert json.loads(there)["id"] == "e2"
    within = json.dumps(bundle(bundle(ENCOUNTER, **own), ENCOUNTER | {"id": "e3"}))
    found = read(within.encode(), name="b.json")
    assert [item.resource_id for item in found] == ["e1", "e3"]
    assert within[found[0].byte_offset :].startswith('{"resourceType": "Encounter"')


def test_a_document_stays_one_record_and_bundles_that_lie_too_deep_are_refused():
    document = bundle(ENCOUNTER, id="d1", type="document")
    _, item = read(encoded() + b"\n" + json.dumps(document).encode())
    assert (item.resource_type, item.resource_id) == ("Bundle", "d1")
    deep = ENCOUNTER
    for _ in range(6):
        deep = bundle(deep)
    (item,) = read(json.dumps(deep).encode(), name="b.json")
    assert item.refusal_class == "RESOURCE_LIMIT"


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("Encounter.000.ndjson", encoded(), "fhir-ndjson"),
        ("export_part1", encoded(), "fhir-ndjson"),
        ("Encounter.ndjson", b"", "fhir-ndjson"),
        ("Encounter.ndjson", b'{"resourceType":"Enc\n' + encoded(), "fhir-ndjson"),
        ("log.ndjson", b'{"exportId":"1","eventId":"kickoff"}\n', "none"),
        ("manifest.json", b'{"transactionTime":"t","output":[]}', "none"),
        ("export.json", b'{"transactionTime":"t",\n "output":[]}', "none"),
        ("_generator_metadata.json", b'{\n "country": "US"\n}', "none"),
        ("csv/patients.csv.gz", b"id,name\n", "none"),
        (".DS_Store", b"\x00\x01", "none"),
        ("b.json.bz2", b'{ "resourceType" : "Bundle", "entry": [', "fhir-bundle"),
        ("b.json", b'{"id":"1","entry":[{"resource":', "fhir-bundle"),
        ("e.json", b'{\n "resourceType": "Encounter"\n}', "fhir-json"),
    ],
)
def test_a_file_is_recognised_by_its_name_and_its_first_bytes(name, text, kind):
    assert fhir.recognise(name, text) == kind


def test_a_file_of_something_else_is_refused():
    with pytest.raises(FileRefused) as caught:
        fhir.recognise("scan.pdf", b"%PDF-1.7")
    assert caught.value.refusal_class == "UNRECOGNISED_FORMAT"


def test_the_bundled_schema_knows_the_resource_types_of_r4():
    packed = Path(structure.__file__).with_name("fhir_r4_schema.json.gz")
    listed = json.loads(gzip.decompress(packed.read_bytes()))["discriminator"]
    assert len(listed["mapping"]) == 146
