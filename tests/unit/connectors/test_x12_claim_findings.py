"""837 claims that land with findings: what breaks no claim is named in it."""

import json

import pytest

from tests.unit.connectors.test_x12_claims import INSTITUTIONAL, PROFESSIONAL, claims
from tests.unit.connectors.x12_text import changed, recounted


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        (b"HI*BBR:02703ZZ:D8:20260202", b"HI*BBR:02703ZZ:D8:20260232", "HI01"),
        (b"*BBQ:B2111ZZ:D8:20260203~", b"*BBQ:B2111ZZ:D8:2026~", "HI02"),
        (b"*PI*OP9~", b"*PI*OP9~\nDTP*573*D8*20260232~", "DTP03"),
    ],
)
def test_a_date_that_no_charge_hangs_on_is_left_out_and_named(old, new, element):
    text = recounted(changed(INSTITUTIONAL, old, new))
    (record,) = claims(text)
    body = json.loads(record.body)
    (found,) = body["findings"]
    assert (found["refusal_class"], found["element"]) == ("DATE_INVALID", element)
    dates = [each.get("date", "") for each in body["procedures"]]
    assert sorted(map(bool, dates)) == [element[:2] != "HI", True]
    assert "adjudication_date" not in body["other_payers"][0]


def test_blanks_that_fill_a_number_up_are_no_part_of_it():
    text = changed(INSTITUTIONAL, b"CLM*MVH0000009*", b"CLM*MVH0000009      *")
    text = changed(text, b"REF*F8*OLDCTRL~", b"REF*F8*OLDCTRL   ~")
    (record,) = claims(text)
    body = json.loads(record.body)
    assert body["claim_id"] == "1999999984|MVH0000009"
    assert body["account_number"] == "MVH0000009"
    assert body["original_reference"] == "OLDCTRL"


@pytest.mark.parametrize("frequency", [b"1", b"3", b"5", b"7", b"8"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CLM*MVH0000009*5120.50*", b"CLM*MVH0000009*5120.51*"),
        (b"SV2*0120**4000.00*", b"SV2*0120**-4000.00*"),
    ],
)
def test_a_total_that_its_lines_do_not_add_up_to_lands_and_is_named(
    old, new, frequency
):
    text = changed(INSTITUTIONAL, old, new)
    text = changed(text, b"11:A:1*", b"11:A:" + frequency + b"*")
    (record,) = claims(text)
    body = json.loads(record.body)
    assert len(body["lines"]) == 2
    assert body["findings"] == [
        {
            "refusal_class": "UNBALANCED",
            "element": "CLM02",
            "byte_offset": text.index(b"CLM*"),
            "segment_number": 14,
        }
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"*5120.50***11", b"*5120.5***11"),
        (b"SV2*0120**4000.00*DA*4~", b"SV2*0120**4000*DA*4**1500~"),
    ],
    ids=["written_otherwise", "with_a_part_not_covered"],
)
def test_a_total_is_all_that_the_lines_charge(old, new):
    (record,) = claims(changed(INSTITUTIONAL, old, new))
    assert "findings" not in json.loads(record.body)


def test_the_second_claim_of_a_set_is_added_up_by_itself():
    off = PROFESSIONAL.replace(b"NRC0000003|210|", b"NRC0000003|211|")
    claim = off[off.index(b"CLM|") : off.index(b"SE|")]
    right = claim.replace(b"|211|", b"|210|").replace(b"NRC0000003", b"NRC0000004")
    text = off.replace(claim, claim + right).replace(b"SE|14|", b"SE|20|")
    first, second = (json.loads(record.body) for record in claims(text))
    assert [found["element"] for found in first["findings"]] == ["CLM02"]
    assert "findings" not in second
