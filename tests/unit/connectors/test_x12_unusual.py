"""X12 as real senders write it: lines of a fixed width, other money, claims unnamed."""

import json

import pytest

from ledgerline.connectors.formats.record import Record, Refusal, TransactionSet
from tests.unit.connectors.x12_text import changed, message, read, recounted

CLAIM = message("claim_institutional_with_drg.837")
REMITTANCE = message("remittance_balanced_with_provider_adjustment.835")
PROVIDER = CLAIM[CLAIM.index(b"HL*1**20") : CLAIM.index(b"SE*30")]
OTHER = PROVIDER.replace(b"HL*1*", b"HL*3*").replace(b"HL*2*1*", b"HL*4*3*")


def said(text):
    """Return what the records and sets say, without their places."""
    found = []
    for item in read(text):
        assert not isinstance(item, Refusal), item.message
        found.append(item.content_sha256)
    return found


def wrapped(text, width, end):
    plain = text.replace(b"\n", b"")
    return end.join(plain[at : at + width] for at in range(0, len(plain), width))


@pytest.mark.parametrize("text", [CLAIM, REMITTANCE], ids=["837", "835"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("width", [80, 72, 61])
def test_lines_of_a_fixed_width_change_nothing_of_the_content(text, end, width):
    assert said(wrapped(text, width, end)) == said(text)


@pytest.mark.parametrize("width", [80, 61])
def test_parts_of_wrapped_lines_lie_where_they_say(width):
    text = wrapped(REMITTANCE, width, b"\r\n")
    first, *_ = read(text)
    lines = json.loads(first.body)["lines"]
    assert text[first.byte_offset :].startswith(b"CLP")
    assert [text[line["byte_offset"] :][:3] for line in lines] == [b"SVC", b"SVC"]


def test_the_mark_that_ends_a_file_is_no_segment():
    assert said(REMITTANCE + b"\x1a") == said(REMITTANCE)
    assert said(REMITTANCE.rstrip(b"~\n") + b"\r\n\x1a") == said(REMITTANCE)


def test_a_remittance_in_another_currency_is_refused_and_not_taken_for_dollars():
    in_euro = recounted(changed(REMITTANCE, b"TRN*1", b"CUR*PR*EUR~\nTRN*1"))
    *_, refused = read(in_euro)
    assert refused.refusal_class == "CODE_INVALID"
    assert refused.message == "CUR02 (segment 5) is a currency other than USD"
    in_dollars = in_euro.replace(b"EUR", b"USD")
    assert isinstance(read(in_dollars)[-1], TransactionSet)


def test_claims_in_another_currency_are_refused_and_those_of_other_providers_are_kept():
    in_dollars = OTHER.replace(b"MVH0000009", b"MVH0000010")
    in_canada = changed(PROVIDER, b"NM1*85", b"CUR*85*CAD~\nNM1*85")
    refused, kept, _ = read(recounted(CLAIM.replace(PROVIDER, in_canada + in_dollars)))
    assert refused.message == "CUR02 (segment 8) is a currency other than USD"
    assert (refused.refusal_class, refused.resource_type) == (
        "CODE_INVALID",
        "837.claim",
    )
    assert isinstance(kept, Record)
    assert json.loads(kept.body)["account_number"] == "MVH0000010"


def test_a_claim_without_its_number_is_refused_and_never_one_with_another():
    refused, _ = read(changed(CLAIM, b"CLM*MVH0000009", b"CLM*"))
    assert refused.refusal_class == "ID_MISSING"
    assert "segment 14" in refused.message
