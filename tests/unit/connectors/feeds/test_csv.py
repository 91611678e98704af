"""CSV lands as the text that was sent, and what could shift columns is refused."""

import json
import time

import pytest

from ledgerline.connectors.formats import delimited
from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    RefusalClass,
)

HEADER = b"shift_id,unit,hours\n"


def read(text, size=7):
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return list(delimited.read("shift", ("shift_id",), lambda: pieces))


def bodies(text):
    return [json.loads(item.body) for item in read(text) if isinstance(item, Record)]


def bodies_in(text, size):
    return [json.loads(item.body) for item in read(text, size)]


def test_cells_stay_the_text_that_was_sent():
    [row] = bodies(HEADER + b"00123,NA,1E5\n")
    assert row == {"shift_id": "00123", "unit": "NA", "hours": "1E5"}


def test_an_empty_cell_is_null_and_a_blank_line_no_row():
    rows = bodies(HEADER + b'1,,""\n\n   \n2, x ,8\n')
    assert rows == [
        {"shift_id": "1", "unit": None, "hours": None},
        {"shift_id": "2", "unit": " x ", "hours": "8"},
    ]


@pytest.mark.parametrize("mark", [b";", b"\t", b"|"])
def test_the_header_says_what_parts_the_columns(mark):
    text = (HEADER + b"1,ICU,8\n").replace(b",", mark)
    assert bodies(text) == [{"shift_id": "1", "unit": "ICU", "hours": "8"}]


def test_quotes_line_ends_and_marks_at_the_start_are_understood():
    text = b"\xef\xbb\xbf" + HEADER + b'1,"a ""b"",\r\nc",8\r\n2,x,9'
    assert [row["unit"] for row in bodies(text)] == ['a "b",\r\nc', "x"]


def test_every_record_lies_where_it_says():
    text = b"\xef\xbb\xbf" + HEADER + '1,"é\n",8\r\n2,x,9\n'.encode()
    for size in range(1, 40):
        first, second = read(text, size)
        cut = text[first.byte_offset :][: first.byte_length]
        assert cut == '1,"é\n",8'.encode()
        assert text[second.byte_offset :][: second.byte_length] == b"2,x,9"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (HEADER + b"1,ICU,8\n2,ICU,8,extra\n", RefusalClass.SHAPE),
        (HEADER + b'1,"ICU,8\n2,ICU,8\n', RefusalClass.SHAPE),
        (b"shift_id,unit,unit\n1,2,3\n", RefusalClass.CONTRACT_DRIFT),
        (b"shift_id,,unit\n1,2,3\n", RefusalClass.CONTRACT_DRIFT),
        (b"shift,unit,hours\n1,2,3\n", RefusalClass.CONTRACT_DRIFT),
        (b"shift_id,\xe9\n1,2\n", RefusalClass.ENCODING),
        (HEADER + b"1," + b"x" * (16 * 1024 * 1024 + 9), RefusalClass.RESOURCE_LIMIT),
    ],
)
def test_what_would_shift_or_hide_columns_refuses_the_file(text, refused):
    with pytest.raises(FileRefused) as caught:
        read(text, 1 << 20)
    assert caught.value.refusal_class is refused
    assert "ICU" not in caught.value.message


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        (b"2,ICU\n", RefusalClass.SHAPE),
        (b",ICU,8\n", RefusalClass.ID_MISSING),
        (b"2,\xe9,8\n", RefusalClass.ENCODING),
        (b"2,a\0b,8\n", RefusalClass.ENCODING),
        (b'2,"a"b"c",8\n', RefusalClass.PARSE),
    ],
)
def test_one_bad_row_is_refused_and_the_others_are_read(row, refused):
    first, bad, last = read(HEADER + b"1,x,8\n" + row + b"3,y,9\n")
    assert bad.refusal_class is refused
    assert (bad.byte_offset, bad.byte_length) == (26, len(row) - 1)
    assert [first.resource_id, last.resource_id] == ["1", "3"]


def test_a_last_row_that_is_cut_off_is_told_from_a_short_one():
    *_, last = read(HEADER + b"1,x,8\n2,y")
    assert last.refusal_class is RefusalClass.TRUNCATED_RECORD


@pytest.mark.parametrize("text", [b"", b"\n\n", HEADER, b"\xef\xbb\xbf", b"a"])
def test_a_file_without_rows_holds_none(text):
    if text in {b"a"}:
        with pytest.raises(FileRefused):
            read(text)
    else:
        assert read(text) == []


def test_the_same_row_has_the_same_hash_however_it_is_quoted():
    [plain] = read(HEADER + b"1,ICU,8\n")
    [quoted] = read(HEADER + b'"1","ICU","8"\r\n')
    assert plain.content_sha256 == quoted.content_sha256


def test_a_key_may_have_several_columns():
    content = [b"day,unit\n2026-03-01,ICU\n"]
    [row] = delimited.read("x", ("day", "unit"), lambda: content)
    assert row.resource_id == "2026-03-01|ICU"


@pytest.mark.parametrize(
    "text",
    [
        HEADER + b'1,5" pipe,8\n2,x,9\n3,6" pipe,7\n',
        HEADER + b'1,5" pipe,8\n2,x,9\n3,6 pipe,7\n',
        HEADER + b'1,x,5"\n2,"y,\n""z"" 3""",9\n3,z,7"\n',
        b"shift_id\tunit\thours\n" + b'1\tx,"\t8\n2\ty\t9\n3\tz\t7\n',
    ],
)
def test_a_quote_within_a_cell_is_a_sign_of_its_text(text):
    for size in range(1, 30, 4):
        found = read(text, size)
        assert [item.resource_id for item in found] == ["1", "2", "3"]
        for item in found:
            cut = text[item.byte_offset :][: item.byte_length]
            assert json.loads(item.body)["shift_id"].encode() == cut[:1]


def test_a_quoted_cell_of_many_lines_is_read_in_time_that_grows_with_it():
    lines = b"x\n" * 60_000
    begun = time.process_time()
    [row] = bodies_in(HEADER + b'1,"' + lines + b'",8\n', 1 << 16)
    assert row["unit"].count("\n") == 60_000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("blank", [b",,", b'"","",""', b" , ,", b',"",'])
def test_a_row_of_empty_cells_is_a_blank_line(blank):
    rows = bodies(HEADER + b"1,x,8\n" + blank + b"\n2,y,9\n" + blank)
    assert [row["shift_id"] for row in rows] == ["1", "2"]


def test_the_mark_that_ends_a_file_is_no_row():
    [row] = bodies(HEADER + b"1,x,8\r\n\x1a")
    assert row["shift_id"] == "1"


def test_marks_within_a_quoted_name_part_no_columns():
    [row] = bodies(b'shift_id,"unit;of;the;house",hours\n1,x,8\n')
    assert row == {"shift_id": "1", "unit;of;the;house": "x", "hours": "8"}


def test_keys_of_several_columns_are_never_one():
    content = [b'day,unit\n"a|b",c\na,"b|c"\n']
    first, second = delimited.read("x", ("day", "unit"), lambda: content)
    assert first.resource_id != second.resource_id
