"""Where a message begins and ends: frames, batches, plain files, and what is cut."""

import pytest

from ledgerline.connectors.formats import hl7v2
from ledgerline.connectors.formats.hl7v2 import framing
from ledgerline.connectors.formats.record import FileRefused, Record
from tests.unit.connectors.formats.hl7v2_text import adt, message, read

ONE, TWO, THREE = (adt("A01", f"M{number}") for number in (1, 2, 3))
BATCH = message("batch_of_two_with_its_counts.hl7")


def framed(*messages):
    return b"".join(b"\x0b" + text + b"\x1c\r" for text in messages)


def told(content, chunk=64 * 1024):
    return [
        item.resource_id.rpartition("|")[2]
        if isinstance(item, Record)
        else item.refusal_class.value
        for item in read(content, chunk)
    ]


@pytest.mark.parametrize("chunk", [1, 2, 7, 100, 65536])
@pytest.mark.parametrize(
    "content",
    [
        ONE + TWO + THREE,
        (ONE + TWO + THREE).replace(b"\r", b"\n"),
        (ONE + TWO + THREE).replace(b"\r", b"\r\n"),
        ONE + b"\r\r" + TWO.replace(b"\r", b"\n") + b"\n \n" + THREE.rstrip(),
        b"\xef\xbb\xbf" + ONE + TWO + THREE,
        framed(ONE, TWO, THREE),
        framed(ONE, TWO) + b"\r\n" + THREE + b"\x1a",
        b"\x0b" + ONE + b"\x1c" + framed(TWO, THREE),
    ],
)
def test_messages_are_found_however_the_file_is_built_and_cut(content, chunk):
    assert told(content, chunk) == ["M1", "M2", "M3"]


@pytest.mark.parametrize("chunk", [3, 65536])
def test_a_place_names_exactly_the_bytes_of_its_message(chunk):
    for content in (ONE + TWO, framed(ONE, TWO), b"\xef\xbb\xbf" + ONE + b"\n" + TWO):
        taken = [
            content[item.byte_offset :][: item.byte_length]
            for item in read(content, chunk)
        ]
        assert taken == [ONE.rstrip(), TWO.rstrip()]


def test_the_same_message_has_one_hash_however_its_lines_end():
    (one,), (other,), (third,) = (
        read(ONE.replace(b"\r", end)) for end in (b"\r", b"\n", b"\r\n")
    )
    assert one.content_sha256 == other.content_sha256 == third.content_sha256


def test_two_messages_in_one_frame_are_refused_and_the_next_is_read():
    assert told(framed(ONE + TWO, THREE)) == ["FRAMING", "M3"]


def test_two_messages_without_a_line_end_between_them_are_refused():
    assert told(ONE.rstrip(b"\r") + TWO + THREE) == ["FRAMING", "M3"]


def test_a_frame_without_its_end_is_refused_and_the_next_is_read():
    assert told(b"\x0b" + ONE + framed(TWO)) == ["TRUNCATED", "M2"]
    assert told(framed(ONE) + b"\x0b" + TWO) == ["M1", "TRUNCATED"]


def test_bytes_outside_of_any_message_are_refused_with_their_place():
    content = b"noise\r" + ONE + framed(TWO) + b"rest"
    refused = [item for item in read(content) if not isinstance(item, Record)]
    assert told(content) == ["FRAMING", "M1", "M2", "FRAMING"]
    assert [content[r.byte_offset :][: r.byte_length] for r in refused] == [
        b"noise",
        b"rest",
    ]


def test_an_empty_frame_is_refused():
    assert told(b"\x0b\x1c\r" + framed(ONE)) == ["FRAMING", "M1"]


def test_a_message_beyond_the_cap_is_refused_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(framing, "MAX_RECORD_BYTES", 2000)
    long = ONE + b"OBX|1|" + b"x" * 5000 + b"\r"
    assert told(TWO + long + THREE, 512) == ["M2", "RESOURCE_LIMIT", "M3"]
    assert told(framed(TWO, long, THREE), 512) == ["M2", "RESOURCE_LIMIT", "M3"]


def test_a_message_of_five_megabytes_is_read():
    assert told(ONE + b"OBX|1|ED|||" + b"QUJD" * 1_310_720 + b"\r" + TWO) == [
        "M1",
        "M2",
    ]


def test_a_batch_whose_counts_agree_is_read_as_one_unit():
    items = read(BATCH)
    assert [item.resource_id for item in items] == [
        "EPICADT|MVH|M601",
        "EPICADT|MVH|M602",
    ]
    assert {item.unit for item in items} == {2}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"BTS|2", b"BTS|3"),
        (b"BTS|2", b"BTS|x"),
        (b"BTS|2\r", b""),
        (b"FTS|1", b"FTS|2"),
        (b"FTS|1\r", b""),
    ],
)
def test_a_count_that_disagrees_withdraws_what_it_counts(old, new):
    assert old in BATCH
    items = read(BATCH.replace(old, new))
    refused = [item for item in items if not isinstance(item, Record)]
    assert [item.refusal_class for item in refused] == ["COUNT_MISMATCH"]
    first, last = refused[0].withdraws
    assert all(first <= item.unit <= last for item in items if isinstance(item, Record))


def test_a_batch_counts_the_messages_that_were_refused_too():
    broken = BATCH.replace(b"EVN|A03", b"XYZ|A03")
    assert told(broken) == ["M601", "SEGMENT_INVALID"]


def test_only_the_batch_of_two_whose_count_disagrees_is_withdrawn():
    second = b"BHS|^~\\&\r" + THREE + b"BTS|5\r"
    items = read(BATCH.replace(b"FTS|1", second + b"FTS|2"))
    (refused,) = [item for item in items if not isinstance(item, Record)]
    first, last = refused.withdraws
    kept = [i for i in items if isinstance(i, Record) and not first <= i.unit <= last]
    assert [item.resource_id[-4:] for item in kept] == ["M601", "M602"]


def test_a_batch_without_counts_is_taken_as_it_is():
    assert told(BATCH.replace(b"BTS|2", b"BTS").replace(b"FTS|1", b"FTS|")) == [
        "M601",
        "M602",
    ]


def test_a_trailer_without_its_header_is_refused():
    assert told(ONE + b"BTS|1\r") == ["M1", "COUNT_MISMATCH"]


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_is_refused(mark):
    with pytest.raises(FileRefused, match="UTF-16") as refused:
        read(mark + ONE.decode().encode("utf-16-le"))
    assert refused.value.refusal_class == "ENCODING"


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (ONE, "hl7v2"),
        (b"\xef\xbb\xbf\r\n" + ONE, "hl7v2"),
        (framed(ONE), "hl7v2"),
        (BATCH, "hl7v2"),
        (b"log line\n" + ONE, "hl7v2"),
        (b"", ""),
        (b"\n\n", ""),
    ],
)
def test_a_file_is_known_by_its_first_bytes(head, known):
    assert hl7v2.recognise("any.name", head) == known


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(FileRefused) as refused:
        hl7v2.recognise("a.hl7", b'{"resourceType": "Patient"}')
    assert refused.value.refusal_class == "UNRECOGNISED_FORMAT"
