"""HL7 v2 as it is found: batches in frames, files put together, charges of nobody."""

import pytest

from ledgerline.connectors.formats.record import Record, RefusalClass
from tests.unit.connectors.formats.hl7v2_text import adt, message, read

ONE, TWO = adt("A01", "M1"), adt("A03", "M2")
BATCH = b"BHS|^~\\&|E|MVH\r" + ONE + TWO + b"BTS|2\r"
MARK = b"\xef\xbb\xbf"


def told(content, chunk=64 * 1024):
    return [
        item.resource_id.rpartition("|")[2]
        if isinstance(item, Record)
        else item.refusal_class.value
        for item in read(content, chunk)
    ]


@pytest.mark.parametrize("chunk", [1, 7, 64 * 1024])
@pytest.mark.parametrize(
    "batch", [BATCH, b"FHS|^~\\&|E|MVH\r" + BATCH + b"FTS|1\r", b"\r\n" + BATCH]
)
def test_a_batch_in_one_frame_is_read_like_one_without(batch, chunk):
    content = b"\x0b" + batch + b"\x1c\r\x0b" + adt("A08", "M3") + b"\x1c\r"
    assert told(content, chunk) == ["M1", "M2", "M3"]
    for item in read(content, chunk):
        there = content[item.byte_offset :][: item.byte_length]
        assert there.startswith(b"MSH")
        assert item.resource_id.rpartition("|")[2].encode() in there


def test_a_batch_in_a_frame_stands_or_falls_by_its_count():
    items = read(b"\x0b" + BATCH.replace(b"BTS|2", b"BTS|3") + b"\x1c\r")
    assert items[-1].refusal_class is RefusalClass.COUNT_MISMATCH
    assert {item.unit for item in items[:-1]} == set(items[-1].withdraws)


@pytest.mark.parametrize("chunk", [*range(1, 9), 64 * 1024])
@pytest.mark.parametrize("first", [b"", MARK])
def test_marks_between_files_that_were_put_together_are_no_content(first, chunk):
    content = first + ONE + MARK + TWO + MARK
    assert told(content, chunk) == ["M1", "M2"]
    apart = [*read(ONE), *read(TWO)]
    assert [item.content_sha256 for item in read(content, chunk)] == [
        item.content_sha256 for item in apart
    ]


@pytest.mark.parametrize("declared", [b"", b"^", b"^~\\"])
def test_too_few_separators_are_said_to_be_too_few(declared):
    [item] = read(ONE.replace(b"^~\\&", declared, 1))
    assert item.refusal_class is RefusalClass.SEGMENT_DELIM
    assert "MSH-2" in item.message


@pytest.mark.parametrize("account", [b"", b'""'])
def test_charges_of_no_account_are_refused_because_they_would_count_nowhere(account):
    text = message("charges_by_revenue_code.hl7")
    (item, *_) = read(text)
    assert isinstance(item, Record)
    lines = [line.split(b"|") for line in text.split(b"\r")]
    for fields in lines:
        at = {b"PV1": 19, b"PID": 18}.get(fields[0])
        if at and len(fields) > at:
            fields[at] = account
    (item, *_) = read(b"\r".join(b"|".join(fields) for fields in lines))
    assert item.refusal_class is RefusalClass.ID_MISSING
    assert "PV1-19" in item.message
