"""A JSON page becomes its rows, each at its place; what is no page is refused."""

import json

import pytest

from ledgerline.connectors.feeds import csv_rows, json_rows, reader
from ledgerline.connectors.formats import json_page
from ledgerline.connectors.formats.record import FileRefused, Record, RefusalClass
from ledgerline.connectors.source import FormatUnknown


def read(text, place="data.rows"):
    return list(json_page.read("shift", ("id",), place, lambda: [text]))


def test_rows_are_found_at_their_place_with_their_bytes():
    text = (
        b'\xef\xbb\xbf{"data": {"rows": [ {"id":1},\n {"id": "b", "x": 1E5} ]}, "n":1}'
    )
    found = read(text)
    assert [item.resource_id for item in found] == ["1", "b"]
    for item in found:
        assert text[item.byte_offset :][: item.byte_length] == item.body
    assert b"1E5" in found[1].body


def test_the_page_may_be_the_array_itself():
    assert [item.resource_id for item in read(b' [{"id":1},{"id":2}] ', "")] == [
        "1",
        "2",
    ]


def test_a_row_that_is_ambiguous_or_nameless_is_refused_alone():
    rows = b'{"id":1,"id":2},{"x":1},3,{"id":4,"t":"a\\u0000"},{"id":5}'
    *refused, last = read(b'{"data":{"rows":[' + rows + b"]}}")
    assert [item.refusal_class for item in refused] == [
        RefusalClass.JSON_AMBIGUOUS,
        RefusalClass.ID_MISSING,
        RefusalClass.CONTRACT_DRIFT,
        RefusalClass.ENCODING,
    ]
    assert isinstance(last, Record)


@pytest.mark.parametrize(
    "name", [b'""', b"null", b"true", b"1.0", b"12345678901234567890123", b"[1]"]
)
def test_what_two_rows_might_share_names_no_row(name):
    refused, kept = read(b'[{"id":' + name + b'},{"id":5}]', "")
    assert refused.refusal_class is RefusalClass.ID_MISSING
    assert kept.resource_id == "5"


def test_keys_of_several_members_are_never_one():
    text = b'[{"a":"x|y","b":"z"},{"a":"x","b":"y|z"},{"a":"x","b":""}]'
    found = list(json_page.read("shift", ("a", "b"), "", lambda: [text]))
    assert len({item.resource_id for item in found}) == 3


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>busy</html>",
        b"{}",
        b"[]",
        b'{"data": null}',
        b'{"data": {"rows": {}}}',
        b'{"data": {"rows": [1}',
        b"[" * 100_000,
        b'{"data":{"rows":[]},"data":{"rows":[{"id":1}]}}',
    ],
)
def test_what_is_no_page_refuses_the_file(text):
    with pytest.raises(FileRefused):
        read(text)


def test_a_page_larger_than_any_page_is_refused(monkeypatch):
    monkeypatch.setattr(json_page, "MAX_PAGE_BYTES", 10)
    with pytest.raises(FileRefused) as caught:
        read(b'{"data":{"rows":[]}}')
    assert caught.value.refusal_class is RefusalClass.RESOURCE_LIMIT


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"meta": {"next": "abc"}}, "abc"),
        ({"meta": {"next": None}}, None),
        ({"meta": {}}, None),
        ({"meta": 1}, None),
        ([], None),
    ],
)
def test_a_cursor_is_read_from_its_place(page, expected):
    assert json_page.member(json.dumps(page).encode(), "meta.next") == expected


def test_a_formats_name_is_enough_to_read_with():
    page = json_rows("shift/x", "id|a", "b", at="data.rows")
    rows = {"data": {"rows": [{"id|a": 1, "b": "2"}]}}
    [item] = reader(page)(lambda: [json.dumps(rows).encode()])
    assert (item.resource_type, item.resource_id) == ("shift/x", "1|2")
    [item] = reader(csv_rows("shift", "id"))(lambda: [b"id,x\n1,2\n"])
    assert (item.resource_type, item.resource_id) == ("shift", "1")


@pytest.mark.parametrize("name", ["", "x12", "feed-csv", "feed-xml/a/b/c", "rows/a"])
def test_other_formats_are_not_ours(name):
    with pytest.raises(FormatUnknown):
        reader(name)
