"""Why a message is refused: what cannot be read, and what cannot be trusted."""

import pytest

from ledgerline.connectors.formats.hl7v2.header import (
    MAX_RECORD_BYTES,
    header_of_any,
    read_header,
)
from ledgerline.connectors.formats.record import Record, RecordRefused
from tests.memory import Memory
from tests.unit.connectors.formats.hl7v2_text import (
    adt,
    charset,
    message,
    pv1,
    read,
    siu,
)

ONE = adt("A01", "M1")
SECRET = "ZZSECRET"


def refused(content):
    (item,) = read(content)
    assert not isinstance(item, Record), item.body
    return item


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
    ("content", "word"),
    [
        (b"MSH|^~\\", "TRUNCATED"),
        (b"MSH|^~\\&\r", "TRUNCATED"),
        (ONE[:40], "TRUNCATED"),
        (ONE.split(b"\r")[0] + b"\r", "TRUNCATED"),
        (ONE.replace(b"|M1|", b"||"), "ID_MISSING"),
        (ONE.replace(b"ADT^A01^ADT_A01", b""), "SEGMENT_INVALID"),
        (ONE.replace(b"ADT^A01^ADT_A01", b"ADT_A01"), "SEGMENT_INVALID"),
        (ONE.replace(b"ADT^A01^ADT_A01", b"adt^A01"), "SEGMENT_INVALID"),
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
        (b"|8400.00&USD", b"|" + b"9" * 13, "AMOUNT_INVALID"),
        (b"|8400.00&USD", b"|" + b"9" * 5000, "AMOUNT_INVALID"),
        (b"|8400.00&USD", b"|8400.00&EUR", "CODE_INVALID"),
        (b"|||2|8400", b"|||two|8400", "NUMBER_INVALID"),
        (b"|20260314|20260315|CD", b"|20260314|20261315|CD", "DATE_INVALID"),
        (b"FT1|", b"ZT1|", "SEGMENT_INVALID"),
        (b"|20260314|20260315|CD", b"|20260314|20260315|", "CODE_INVALID"),
        (b"|20260314|20260315|CD", b"|20260314|20260315|DEBIT", "CODE_INVALID"),
    ],
)
def test_a_charge_that_cannot_be_trusted_is_refused(old, new, word):
    content = message("charges_by_revenue_code.hl7")
    assert old in content
    assert refused(content.replace(old, new)).refusal_class == word


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


@pytest.mark.parametrize("name", ["x" * 5000, "\u00fc" * 2500, "\u75c5" * 1500])
def test_a_header_of_more_bytes_than_any_real_one_is_refused(name):
    long = ONE.replace(b"|LEDGER|", f"|{name}|".encode())
    assert refused(long).refusal_class == "RESOURCE_LIMIT"


def test_an_accepted_header_is_read_whole_for_its_answer():
    size = 4096 - len(ONE.partition(b"\r")[0]) + len("LEDGER")
    name = "\u00fc" * (size // 2) + "x" * (size % 2)
    (record,) = read(ONE.replace(b"|LEDGER|", f"|{name}|".encode()))
    assert isinstance(record, Record)
    answered = header_of_any(ONE.replace(b"|LEDGER|", f"|{name}|".encode()))
    assert answered.control_id == "M1"
    assert answered.version == "2.5.1"


def test_long_values_are_read_and_not_remembered():
    long = "x" * 100_000
    memory = Memory()
    for number in range(2000):
        content = adt("A01", f"L{number}", pv1=pv1(f3=f"{number}{long}^1"))
        (record,) = read(content)
        assert isinstance(record, Record)
    assert memory.grown_megabytes < 50
