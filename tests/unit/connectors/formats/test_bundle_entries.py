"""Entries of Bundles: which resource they are about, what is gone, what stands."""

import itertools
import json

import pytest

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.fhir import reader, small_bundle
from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    Refusal,
    Tombstone,
)

PATIENT = {"resourceType": "Patient"}
GONE = {"method": "DELETE", "url": "Patient/p"}


@pytest.fixture(params=["in memory", "streamed"], autouse=True)
def way(request, monkeypatch):
    """Every Bundle is read both ways: as one that fits into memory, and as one not."""
    if request.param == "streamed":
        monkeypatch.setattr(small_bundle, "MAX_RECORD_BYTES", 10)


def bundle(*entries, kind="transaction", **members):
    return {"resourceType": "Bundle", "type": kind, "entry": entries} | members


def read(*bundles, size=50):
    text = "\n".join(map(json.dumps, bundles)).encode()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    items = list(fhir.read(fhir.Kind.BUNDLE, lambda: iter(pieces)))
    for item in items:
        json.loads(text[item.byte_offset :][: item.byte_length])
    return items


def version(number, *, at=None, is_gone=False, **members):
    meta = {"versionId": str(number)} | ({"lastUpdated": at} if at else {})
    if is_gone:
        response = {"status": "204", "etag": f'W/"{number}"'}
        response |= {"lastModified": at} if at else {}
        return {"request": GONE, "response": response}
    request = {"method": "PUT", "url": "Patient/p"}
    return {"request": request, "resource": PATIENT | {"id": "p", "meta": meta}}


@pytest.mark.parametrize(
    "entry",
    [
        {"request": GONE},
        {"request": GONE | {"url": "/Patient/p"}},
        {"request": GONE | {"url": "Patient/p/_history/4"}},
        {"request": GONE | {"url": "https://fhir.example.org/r4/Patient/p"}},
        {"fullUrl": "http://x.org/Patient/p", "request": {"method": "DELETE"}},
        {"request": GONE, "resource": PATIENT | {"id": "p"}},
    ],
)
@pytest.mark.parametrize("kind", ["transaction", "batch", "history"])
def test_an_entry_that_deletes_a_resource_is_a_tombstone(entry, kind):
    [item] = read(bundle(entry, kind=kind))
    assert isinstance(item, Tombstone)
    assert (item.resource_type, item.resource_id) == ("Patient", "p")
    assert not item.is_outlived


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "DELETE", "url": "Patient?identifier=ZZPHI"},
        {"method": "DELETE", "url": "Patient"},
        {"method": "DELETE", "url": 7},
        {"method": "GET", "url": "Patient/ZZPHI"},
    ],
)
def test_an_entry_that_deletes_no_one_resource_is_refused(request_):
    [item] = read(bundle({"request": request_}))
    assert isinstance(item, Refusal)
    assert item.refusal_class == "CONTRACT_DRIFT"
    assert "ZZPHI" not in item.message


def test_a_resource_that_comes_back_in_the_same_file_outlives_its_deletion():
    created = {"resource": PATIENT | {"id": "p"}}
    gone, back = read(bundle({"request": GONE}, created))
    assert (gone.is_outlived, back.resource_id) == (True, "p")
    back, gone = read(bundle(created, {"request": GONE}))
    assert (back.resource_id, gone.is_outlived) == ("p", False)


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_newest_version_of_a_history_comes_last_in_any_order(order, dated):
    entries = [
        version(
            8 + each,
            at=f"2026-03-01T0{each}:00:00-0{each}:00" if dated and each != 1 else None,
            is_gone=each == 2,
        )
        for each in range(4)
    ]
    told = bundle(kind="history")
    told["entry"] = [entries[each] for each in order]
    *others, last = read(told)
    assert isinstance(last, Record)
    assert last.version_key == "Patient/p/11"
    assert [item.is_outlived for item in others if isinstance(item, Tombstone)] == [
        True
    ]


def test_a_history_that_ends_in_a_deletion_ends_in_its_tombstone():
    newest_first = [version(3, is_gone=True), version(2), version(1)]
    for entries in (newest_first, newest_first[::-1]):
        items = read(bundle(*entries, kind="history"))
        [gone] = [item for item in items if isinstance(item, Tombstone)]
        assert (gone.is_outlived, len(items)) == (False, 3)


def test_the_type_of_a_history_may_stand_behind_its_entries_and_its_pages_in_one_file():
    first, second = (version(each) for each in (1, 2))
    for entry, gender in ((first, "male"), (second, "female")):
        del entry["resource"]["meta"]
        entry["resource"]["gender"] = gender
    told = bundle(second, first, kind="history")
    turned = {"entry": told["entry"], "type": "history", "resourceType": "Bundle"}
    for bundles in ([turned], [bundle(e, kind="history") for e in (second, first)]):
        older, newer = read(*bundles)
        assert json.loads(newer.body)["gender"] == "female"
        assert json.loads(older.body)["gender"] == "male"


@pytest.mark.parametrize(
    ("members", "resource_id"),
    [
        ({"request": {"method": "PUT", "url": "Patient/put"}}, "put"),
        ({"request": {"method": "PUT", "url": "http://x.org/fhir/Patient/put"}}, "put"),
        ({"fullUrl": "urn:uuid:u-1"}, "u-1"),
        ({"fullUrl": "urn:oid:1.2.840.99"}, "1.2.840.99"),
        ({"fullUrl": "http://x.org/fhir/Patient/abs"}, "abs"),
        ({"fullUrl": "http://x.org/fhir/Patient/abs/_history/2"}, "abs"),
        (
            {
                "fullUrl": "urn:uuid:u-1",
                "request": {"method": "PUT", "url": "Patient/put"},
            },
            "put",
        ),
        (
            {
                "fullUrl": "urn:uuid:u-1",
                "request": {"method": "POST", "url": "Patient"},
            },
            "u-1",
        ),
    ],
)
def test_a_resource_without_id_is_named_by_its_entry(members, resource_id):
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": members.get("fullUrl", f"Patient/{resource_id}")},
    }
    patient, stay = read(
        bundle(members | {"resource": PATIENT}, {"resource": encounter})
    )
    assert patient.resource_id == json.loads(patient.body)["id"] == resource_id
    told = json.loads(stay.body)["subject"]["reference"]
    assert told.split("/_history")[0].endswith(f"Patient/{resource_id}")


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({}, "ID_MISSING"),
        ({"fullUrl": f"urn:oid:{'1.2' * 30}"}, "ID_MISSING"),
        ({"fullUrl": "Jane ZZPHI"}, "ID_MISSING"),
        ({"request": {"method": "POST", "url": "Patient"}}, "ID_MISSING"),
        ({"request": {"method": "PUT", "url": "Patient?identifier=1"}}, "ID_MISSING"),
        ({"request": {"method": "PUT", "url": "Claim/c"}}, "CONTRACT_DRIFT"),
        ({"request": {"method": "PATCH", "url": "Patient/p"}}, "CONTRACT_DRIFT"),
    ],
)
def test_an_entry_that_names_no_resource_or_another_is_refused(members, refused):
    [item] = read(bundle(members | {"resource": PATIENT}))
    assert (item.refusal_class, item.resource_type) == (refused, "Patient")
    assert "deliver" in item.message or "ask the sender" in item.message
    assert "ZZPHI" not in item.message


def test_a_request_for_another_id_than_the_resource_has_is_refused():
    request_ = {"method": "PUT", "url": "Patient/one"}
    [item] = read(bundle({"request": request_, "resource": PATIENT | {"id": "other"}}))
    assert item.refusal_class == "CONTRACT_DRIFT"


def test_a_key_of_the_entry_that_comes_twice_names_nothing():
    text = (
        b'{"resourceType":"Bundle","entry":[{"request":{"method":"PUT","url":'
        b'"Patient/a"},"request":{"method":"PUT","url":"Patient/b"},'
        b'"resource":{"resourceType":"Patient"}}]}'
    )
    [item] = fhir.read(fhir.Kind.BUNDLE, lambda: iter([text]))
    assert item.refusal_class == "JSON_AMBIGUOUS"


@pytest.mark.parametrize(
    "spoiled",
    ["null, {0}", "{0}, 7", '{0}, "x"', "{0}, [{0}]", "[{0}], {0}", "true"],
)
def test_what_is_no_object_among_the_entries_is_not_lost(spoiled):
    entry = json.dumps({"resource": PATIENT | {"id": "p"}})
    entries = spoiled.replace("{0}", entry)
    text = f'{{"resourceType":"Bundle","entry":[{entries}]}}'.encode()
    with pytest.raises(FileRefused) as caught:
        list(fhir.read(fhir.Kind.BUNDLE, lambda: iter([text])))
    assert caught.value.refusal_class == "CONTRACT_DRIFT"


@pytest.mark.parametrize("entries", ["{}", '"x"', "7", "[] 7"])
def test_entries_that_are_no_list_are_not_lost(entries):
    text = f'{{"resourceType":"Bundle","entry":{entries}}}'.encode()
    with pytest.raises(FileRefused):
        list(fhir.read(fhir.Kind.BUNDLE, lambda: iter([text])))


def several(*ids, indent=None):
    return [json.dumps(PATIENT | {"id": each}, indent=indent) for each in ids]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("between", ["[{}]", "[\n{}\n]\n", "{}", "{}\n"])
@pytest.mark.parametrize("name", ["p.json", "Patient.ndjson", "part1"])
@pytest.mark.parametrize("size", [1, 1000])
def test_an_array_and_resources_over_several_lines_are_read(
    mark, indent, between, name, size
):
    is_array = between.startswith("[")
    joined = (",\n" if is_array else "\n").join(several("a", "b", "c", indent=indent))
    text = (mark + between.replace("{}", joined)).encode()
    kind = fhir.recognise(name, text)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    items = list(fhir.read(kind, lambda: iter(pieces)))
    assert [item.resource_id for item in items] == ["a", "b", "c"]
    for item in items:
        there = text[item.byte_offset :][: item.byte_length]
        assert json.loads(there)["id"] == item.resource_id


def test_a_bad_resource_of_an_array_is_refused_alone_and_a_bundle_in_it_is_opened():
    inner = bundle({"resource": PATIENT | {"id": "in"}}, kind="searchset")
    array = [PATIENT | {"id": "a"}, PATIENT | {"gender": "?"}, inner]
    text = json.dumps(array).encode()
    first, refused, last = fhir.read(fhir.Kind.ARRAY, lambda: iter([text]))
    assert (first.resource_id, last.resource_id) == ("a", "in")
    assert refused.refusal_class == "CODE_INVALID"
    assert json.loads(text[refused.byte_offset :][: refused.byte_length]) == array[1]


@pytest.mark.parametrize(
    "text", [b"[", b'[{"a":1}', b'[{"a":1}, {"b"', b"[{}, 7]", b"[{}] end"]
)
def test_an_array_that_is_cut_off_or_holds_no_objects_is_refused(text):
    with pytest.raises(FileRefused) as caught:
        list(fhir.read(fhir.recognise("Patient.ndjson", text), lambda: iter([text])))
    assert caught.value.refusal_class in {"TRUNCATED_RECORD", "CONTRACT_DRIFT"}


def test_arrays_one_after_another_lose_none():
    text = "\n".join(f"[{each}]" for each in several("a", "b")).encode()
    one, other = fhir.read(fhir.recognise("p.ndjson", text), lambda: iter([text]))
    assert (one.resource_id, other.resource_id) == ("a", "b")


def test_a_first_line_that_is_cut_does_not_make_one_document_of_the_others():
    whole = several("a", "b")
    text = "\n".join([whole[0][:20], *whole]).encode()
    kind = fhir.recognise("Patient.ndjson", text)
    refused, *kept = fhir.read(kind, lambda: iter([text]))
    assert refused.refusal_class == "PARSE"
    assert [item.resource_id for item in kept] == ["a", "b"]


def test_json_in_utf_16_is_refused_by_its_name():
    with pytest.raises(FileRefused, match="UTF-16") as caught:
        fhir.recognise("Patient.json", json.dumps(PATIENT).encode("utf-16"))
    assert caught.value.refusal_class == "ENCODING"


def test_json_over_lines_beyond_the_cap_says_how_to_deliver_it(monkeypatch):
    monkeypatch.setattr(reader, "MAX_RECORD_BYTES", 100)
    text = "\n".join(several("a", "b", "c", indent=2)).encode()
    with pytest.raises(FileRefused, match="NDJSON"):
        list(fhir.read(fhir.Kind.JSON, lambda: iter([text])))
