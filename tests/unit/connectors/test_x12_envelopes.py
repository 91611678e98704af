"""Envelopes of X12: counts, control numbers, and the smallest broken part."""

import io
import json
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerline.connectors.formats import x12
from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    Refusal,
    RefusalClass,
    TransactionSet,
)
from ledgerline.connectors.formats.x12.segments.splitter import blocks
from tests.unit.connectors.x12_text import changed, message, read, recounted

CLAIM = message("claim_institutional_with_drg.837")
REMITTANCE = message("remittance_balanced_with_provider_adjustment.835")
TWO = message("two_interchanges_with_other_delimiters.837")


def summary(items):
    return [
        item.refusal_class.value if isinstance(item, Refusal) else type(item).__name__
        for item in items
    ]


def two_sets():
    start, end = CLAIM.index(b"ST*"), CLAIM.index(b"GE*")
    second = CLAIM[start:end].replace(b"0001", b"0002")
    text = CLAIM[:end] + second + CLAIM[end:]
    return changed(text, b"GE*1*", b"GE*2*")


@pytest.mark.parametrize(
    ("old", "new", "withdrawn"),
    [
        (b"SE*30*0001", b"SE*31*0001", (1, 1)),
        (b"SE*30*0001", b"SE*30*0009", (1, 1)),
        (b"SE*30*0001", b"SE**0001", (1, 1)),
        (b"GE*1*81", b"GE*2*81", (1, 1)),
        (b"GE*1*81", b"GE*1*82", (1, 1)),
        (b"IEA*1*", b"IEA*2*", (1, 1)),
        (b"IEA*1*000000801", b"IEA*1*000000802", (1, 1)),
        (b"GE*1*81~\n", b"", (1, 1)),
        (b"IEA*1*000000801~\n", b"", (1, 1)),
    ],
)
def test_a_count_or_control_number_that_disagrees_refuses_its_part(old, new, withdrawn):
    refused = [
        item for item in read(changed(CLAIM, old, new)) if isinstance(item, Refusal)
    ]
    assert [item.refusal_class for item in refused] == ["COUNT_MISMATCH"]
    assert refused[0].withdraws == withdrawn


def test_only_the_broken_transaction_set_of_two_falls():
    items = read(changed(two_sets(), b"SE*30*0001", b"SE*29*0001"))
    refused = next(item for item in items if isinstance(item, Refusal))
    (kept,) = [item for item in items if isinstance(item, TransactionSet)]
    assert refused.withdraws == (1, 1)
    assert kept.unit == 2


def test_a_set_without_its_trailer_falls_and_the_next_is_read():
    items = read(changed(two_sets(), b"SE*30*0001~", b""))
    assert summary(items) == ["COUNT_MISMATCH", "Record", "TransactionSet"]


def test_only_the_broken_interchange_of_two_falls():
    items = read(changed(TWO, b"IEA*1*000000801", b"IEA*3*000000801"))
    refused = next(item for item in items if isinstance(item, Refusal))
    kept = [item.unit for item in items if isinstance(item, TransactionSet)]
    assert refused.withdraws == (1, 1)
    assert kept == [1, 2]


@pytest.mark.parametrize("keep", range(110, len(CLAIM) - 2, 97))
def test_a_file_cut_off_anywhere_lands_nothing_of_the_open_interchange(keep):
    items = read(CLAIM[:keep])
    assert summary(items)[-1] == "COUNT_MISMATCH"
    assert items[-1].withdraws[0] <= 1


def test_other_transaction_types_are_kept_but_not_read():
    text = CLAIM.replace(b"ST*837*", b"ST*276*")
    (refused,) = read(text)
    assert refused.refusal_class == "UNSUPPORTED_TRANSACTION"
    assert refused.resource_type == "276 transaction"
    raw = text[refused.byte_offset : refused.byte_offset + refused.byte_length]
    assert raw.startswith(b"ST*276*")


@pytest.mark.parametrize(
    ("text", "refusal_class"),
    [
        (b"", "UNRECOGNISED_FORMAT"),
        (b"marker,patient\n", "UNRECOGNISED_FORMAT"),
        (CLAIM[CLAIM.index(b"ST*") :], "ENVELOPE_INVALID"),
        (b"ISA*00*", "ENVELOPE_INVALID"),
        (CLAIM.replace(b"*", b"A"), "ENVELOPE_INVALID"),
    ],
)
def test_a_file_without_an_interchange_is_refused(text, refusal_class):
    with pytest.raises(FileRefused) as caught:
        read(text)
    assert caught.value.refusal_class == refusal_class


def test_text_between_interchanges_is_named_and_the_rest_is_read():
    end = CLAIM.index(b"IEA*") + len(b"IEA*1*000000801~")
    text = CLAIM[:end] + b"\nhello~" + REMITTANCE
    assert "ENVELOPE_INVALID" in summary(read(text))
    assert summary(read(text)).count("TransactionSet") == 2


DELIMITERS = [b"*:~", b"|^~", b"\x1d\x1f\x1c", b"*>'", b"+:\n", b"^!\r", b"?@|"]


def delimited(text, marks):
    """Write a text with other separators of elements, components and segments."""
    text = text.replace(b"\n", b"").replace(b"^", b"%")
    return text.translate(bytes.maketrans(b"*:~", marks))


@pytest.mark.parametrize("source", [CLAIM, REMITTANCE])
@pytest.mark.parametrize("marks", DELIMITERS)
def test_odd_separators_change_nothing_of_the_content(source, marks):
    plain, other = read(source), read(delimited(source, marks))
    assert summary(other) == summary(plain)
    for one, two in zip(plain, other, strict=True):
        assert one.content_sha256 == two.content_sha256


def keys(text):
    return {item.key for item in read(text) if isinstance(item, TransactionSet)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"*ZZ*MERCYVALLEY ", b"*ZZ*NORTHRIDGE  "),
        (b"*ZZ*BIGPAYER       ", b"*ZZ*SMALLPAYER     "),
        (b"*260302*", b"*260303*"),
        (b"000000801", b"000000802"),
        (b"*81", b"*82"),
        (b"*0001", b"*0002"),
    ],
)
def test_equal_control_numbers_of_others_or_of_another_day_do_not_collide(old, new):
    assert keys(CLAIM.replace(old, new)).isdisjoint(keys(CLAIM))


def test_one_control_number_twice_is_one_key_with_two_contents():
    other = changed(CLAIM, b"5120.50", b"5120.51")
    first, second = (
        item for item in read(CLAIM + other) if isinstance(item, TransactionSet)
    )
    assert first.key == second.key
    assert first.content_sha256 != second.content_sha256
    assert first.unit != second.unit


def bare(text):
    return text[text.index(b"ST*") : text.index(b"GE*")]


def test_a_transaction_set_without_envelope_is_read_and_noted():
    *records, part = read(bare(REMITTANCE))
    whole = json.loads(records[-1].body)
    assert whole["payment_amount"] == "150.00"
    assert [found["element"] for found in whole["findings"]] == ["ISA"]
    assert part.byte_offset == 0
    other = bare(changed(REMITTANCE, b"TRACE77", b"TRACE78"))
    assert keys(other).isdisjoint({part.key})
    for size in (1, 100_000):
        assert {i.key for i in read(bare(REMITTANCE), size) if is_set(i)} == {part.key}


def is_set(item):
    return isinstance(item, TransactionSet)


@pytest.mark.parametrize(
    "text",
    [
        bare(REMITTANCE) + bare(REMITTANCE),
        bare(REMITTANCE) + CLAIM,
        bare(REMITTANCE) + b"GE*1*71~",
        changed(bare(REMITTANCE), b"SE*20*0001~", b"GE*1*71~"),
    ],
)
def test_a_bare_transaction_set_is_alone_in_its_file(text):
    with pytest.raises(FileRefused) as caught:
        read(text)
    assert caught.value.refusal_class == "ENVELOPE_INVALID"


def test_a_bare_transaction_set_with_a_wrong_count_is_refused():
    (refused,) = [
        item
        for item in read(changed(bare(REMITTANCE), b"SE*20*", b"SE*21*"))
        if isinstance(item, Refusal)
    ]
    assert refused.refusal_class == "COUNT_MISMATCH"
    assert "SE (segment 20)" in refused.message
    assert refused.withdraws == (1, 1)


def test_segments_that_are_no_text_cost_no_more_the_more_there_are():
    name = b"NM1*QC*1*D\xd6E*JANE~\n"
    claim = b"LX*\xe9~\nCLP*A*1*5.00*5.00**12*C*13*1~\n" + name
    items = []
    for count in (1, 200):
        body = claim * count
        text = changed(REMITTANCE, b"PLB*", body + b"PLB*")
        text = changed(text, b"BPR*I*150.00", b"BPR*I*%d.00" % (150 + 5 * count))
        items = read(recounted(text), 4096)
    assert isinstance(items[-1], TransactionSet)
    found = json.loads(items[-2].body)["findings"]
    assert {each["element"] for each in found} == {"LX"}
    assert len(found) <= 51
    assert json.loads(items[-3].body)["findings"][0]["element"] == "NM1"


def test_a_run_of_segments_outside_their_envelope_is_one_refusal():
    text = changed(CLAIM, b"GS*HC", b"XX*HC")
    (refused,) = read(changed(text, b"IEA*1*", b"IEA*0*"))
    assert refused.refusal_class == "ENVELOPE_INVALID"
    assert "segments 2 to 33 " in refused.message
    raw = text[refused.byte_offset :][: refused.byte_length]
    assert raw.startswith(b"XX*HC")
    assert raw.endswith(b"GE*1*81~")


def test_segments_agree_with_pyx12():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyx12.x12file import X12Reader

    for text in (CLAIM, REMITTANCE):
        ours = [
            block.segment(index).elements
            for block in blocks([text])
            for index in range(len(block.texts))
        ]
        with X12Reader(io.StringIO(text.decode())) as reader:
            theirs = [segment.format()[:-1].split("*") for segment in reader]
        assert [trimmed(each) for each in ours] == [trimmed(each) for each in theirs]


def trimmed(elements):
    while elements and not elements[-1]:
        elements = elements[:-1]
    return elements


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_give_only_our_own_refusals(data):
    for text in (data, CLAIM[:106] + data, REMITTANCE[:400] + data + REMITTANCE[400:]):
        assert_tame(text)


@settings(max_examples=300, deadline=None)
@given(
    source=st.sampled_from([CLAIM, REMITTANCE, TWO]),
    cuts=st.lists(st.integers(0, 2000), min_size=1, max_size=6),
    junk=st.sampled_from(
        [b"", b"*", b"~", b":", b"\x00", b"\xff", b"ISA", b"-", b"9" * 30]
    ),
)
def test_any_mutation_gives_only_our_own_refusals(source, cuts, junk):
    text = source
    for cut in cuts:
        at = cut % (len(text) + 1)
        text = text[:at] + junk + text[at + cut % 7 :]
    assert_tame(text)


def assert_tame(text):
    try:
        items = list(x12.read(lambda: [text]))
    except FileRefused:
        return
    for item in items:
        assert isinstance(item, Record | Refusal | TransactionSet)
        assert 0 <= item.byte_offset <= item.byte_offset + item.byte_length <= len(text)
        if isinstance(item, Refusal):
            assert item.refusal_class in RefusalClass
