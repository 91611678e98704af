"""837 claims: lineage, other payers, providers, guides that are not named."""

import json

import pytest

from ledgerline.connectors.formats.record import Record, Refusal
from tests.unit.connectors.x12_text import changed, message, read, recounted

INSTITUTIONAL = message("claim_institutional_with_drg.837")
PROFESSIONAL = message("claim_professional_with_pipes_and_newlines.837")
OTHER = b"SBR*S*18*******CI~\nNM1*PR*2*OTHER PAYER*****PI*OP9~\n"


def claim(text):
    (record,) = [item for item in read(recounted(text)) if isinstance(item, Record)]
    return json.loads(record.body)


def refused(text):
    items = [item for item in read(recounted(text)) if isinstance(item, Refusal)]
    (refusal,) = items
    return refusal


def test_what_another_payer_decided_before_stays_apart_from_the_claim():
    told = (
        b"SBR*P*18*******MB~\nCAS*PR*1*21.89**2*15.00*2~\nAMT*D*39.15~\nAMT*EAF*36.89~\n"
        b"NM1*IL*1*DOE*JANE****MI*ZZ1~\nNM1*PR*2*FIRST PAYER*****PI*FP1~\n"
        b"DTP*573*D8*20260301~\nREF*F8*THEIRS~\nNM1*82*1*HOUSE*GREG****XX*1112223334~\n"
    )
    text = changed(INSTITUTIONAL, OTHER, told + OTHER)
    body = claim(changed(text, b"SBR*P*18*******MA", b"SBR*S*18*******CI"))
    first, second = body["other_payers"]
    assert body["payer_sequence"] == "S"
    assert body["original_reference"] == "OLDCTRL"
    assert "rendering_npi" not in body
    assert second["payer_id"] == "OP9"
    for adjustment in first["adjustments"]:
        assert text[adjustment.pop("byte_offset") :].startswith(b"CAS*PR*1*21.89")
        assert adjustment.pop("segment_number") == 25
    assert first == {
        "payer_sequence": "P",
        "filing_indicator": "MB",
        "payer_id": "FP1",
        "payer_name": "FIRST PAYER",
        "paid_amount": "39.15",
        "remaining_liability_amount": "36.89",
        "adjudication_date": "20260301",
        "claim_control_number": "THEIRS",
        "adjustments": [
            {"group_code": "PR", "reason_code": "1", "amount": "21.89"},
            {
                "group_code": "PR",
                "reason_code": "2",
                "amount": "15.00",
                "quantity": "2",
            },
        ],
    }


SECOND_LINE = b"SV2*0278*HC:C1874:XU:59*1120.50*UN*1~\n"
DECIDED = (
    b"SVD*FP1*800.00*HC:C1874:XU*0278*1*1~\nCAS*CO*45*220.50~\nCAS*PR*1*40*2*2*60~\n"
    b"DTP*573*D8*20260301~\nAMT*EAF*100~\nSVD*SP2*20.00**0278*1~\nCAS*OA*23*1100.50~\n"
)


def test_what_other_payers_decided_of_a_line_stays_with_the_line():
    text = changed(INSTITUTIONAL, SECOND_LINE, SECOND_LINE + DECIDED)
    room, implant = claim(text)["lines"]
    assert "decisions" not in room
    assert implant["service_date"] == "20260202"
    first, second = implant["decisions"]
    assert text[first.pop("byte_offset") :].startswith(b"SVD*FP1")
    assert first.pop("segment_number") == 31
    told = first.pop("adjustments")
    assert [(each["reason_code"], each["amount"]) for each in told] == [
        ("45", "220.50"),
        ("1", "40"),
        ("2", "60"),
    ]
    assert [each["segment_number"] for each in told] == [32, 33, 33]
    assert first == {
        "payer_id": "FP1",
        "paid_amount": "800.00",
        "modifiers": ["XU"],
        "procedure_code": "C1874",
        "revenue_code": "0278",
        "quantity": "1",
        "bundled_into_line": "1",
        "remaining_liability_amount": "100",
        "adjudication_date": "20260301",
    }
    assert (second["payer_id"], second["paid_amount"]) == ("SP2", "20.00")
    assert second["adjustments"][0]["amount"] == "1100.50"
    assert "adjudication_date" not in second


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (SECOND_LINE, SECOND_LINE + b"SVD*FP1*x~\n", "SVD02 (segment 31)"),
        (SECOND_LINE, SECOND_LINE + b"SVD*FP1*1***y~\n", "SVD05 (segment 31)"),
        (SECOND_LINE, SECOND_LINE + b"SVD*P*1~\nCAS*CO*45*z~\n", "CAS03 (segment 32)"),
        (b"LX*1~\n", b"SVD*FP1*1~\nLX*1~\n", "SVD (segment 26)"),
        (OTHER, OTHER + b"AMT*D*x~\n", "AMT02 (segment 26)"),
        (OTHER, OTHER + b"CAS*PR*1*1.005~\n", "CAS03 (segment 26)"),
        (b"CLM*MVH0000009*5120.50", b"CLM*MVH0000009*x", "CLM02 (segment 14)"),
        (
            b"LX*2~\nSV2*0278*HC:C1874:XU:59*1120.50*UN*1~\n",
            b"LX*2~\n",
            "LX (segment 29)",
        ),
        (b"SV2*0120**4000.00", b"SV2*0120**", "SV203 (segment 27)"),
    ],
)
def test_a_refused_claim_names_segment_and_position(old, new, place):
    assert place in refused(changed(INSTITUTIONAL, old, new)).message


def test_condition_codes_and_providers_are_kept():
    added = (
        b"HI*BG:09*BG:C5~\nNM1*71*1*HOUSE*GREG****XX*1112223334~\n"
        b"NM1*82*1*WILSON*JAMES****XX*1112223335~\n" + OTHER
    )
    text = changed(INSTITUTIONAL, OTHER, added)
    body = claim(
        changed(text, b"SE*30", b"NM1*82*1*CUDDY*LISA****XX*1112223336~\nSE*30")
    )
    assert body["condition_codes"] == ["09", "C5"]
    assert body["attending_npi"] == "1112223334"
    assert body["rendering_npi"] == "1112223335"
    room, implant = body["lines"]
    assert "rendering_npi" not in room
    assert implant["rendering_npi"] == "1112223336"


@pytest.mark.parametrize("code", [b"0", b"2", b"3", b"4", b"5", b"7", b"8"])
def test_lineage_is_kept_as_said(code):
    body = claim(changed(INSTITUTIONAL, b"***11:A:1*", b"***11:A:" + code + b"*"))
    assert body["frequency_code"] == code.decode()
    assert body["original_reference"] == "OLDCTRL"


@pytest.mark.parametrize("guide", [b"005010X223", b"005010X223A1", b"005010X223A2"])
def test_every_edition_of_a_guide_is_read(guide):
    assert claim(INSTITUTIONAL.replace(b"005010X223A3", guide))["transaction"] == "837I"


@pytest.mark.parametrize(
    ("text", "transaction"),
    [
        (INSTITUTIONAL.replace(b"005010X223A3", b"005010"), "837I"),
        (INSTITUTIONAL.replace(b"11:A:1", b"11:B:1").replace(b"X223A3", b""), "837P"),
    ],
)
def test_without_a_guide_the_claim_tells_what_it_is(text, transaction):
    assert claim(text)["transaction"] == transaction


def test_a_claim_that_does_not_tell_what_it_is_is_refused():
    text = INSTITUTIONAL.replace(b"11:A:1", b"11::1").replace(b"X223A3", b"")
    refusal = refused(text)
    assert refusal.refusal_class == "CODE_INVALID"
    assert "CLM05 (segment 14)" in refusal.message


def test_a_dental_claim_is_kept_but_not_read():
    refusal = refused(INSTITUTIONAL.replace(b"X223A3", b"X224A2"))
    assert refusal.refusal_class == "UNSUPPORTED_TRANSACTION"
    assert "ST01 (segment 3)" in refusal.message


def test_a_submission_without_its_date_is_noted():
    text = changed(INSTITUTIONAL, b"*1*20260302*0900*CH", b"*1**0900*CH")
    body = claim(text)
    assert "submission_date" not in body
    assert body["findings"] == [
        {
            "refusal_class": "DATE_INVALID",
            "element": "BHT04",
            "byte_offset": text.index(b"BHT*"),
            "segment_number": 4,
        }
    ]


def test_a_patient_s_name_in_latin_1_is_noted_and_loses_no_charge():
    body = claim(changed(INSTITUTIONAL, b"N3*1 MAIN", b"N3*1 M\xc4IN"))
    assert "findings" not in body
    noted = claim(changed(INSTITUTIONAL, OTHER, b"NTE*ADD*caf\xe9~\n" + OTHER))
    assert [f["element"] for f in noted["findings"]] == ["NTE"]
    assert noted["charge_amount"] == "5120.50"


def test_a_payer_s_name_in_latin_1_refuses_the_claims_that_would_take_it():
    text = changed(INSTITUTIONAL, b"NM1*PR*2*BIG PAYER", b"NM1*PR*2*B\xcfG PAYER")
    refusal = refused(text)
    assert refusal.refusal_class == "ENCODING"
    assert "segment 13 " in refusal.message
    assert refusal.resource_type == "837.claim"


def test_names_in_utf_8_are_kept():
    text = changed(INSTITUTIONAL, b"BIG PAYER", "BÏG PAYÈR".encode())
    body = claim(changed(text, b"NM1*PR*2*BIG", "NM1*PR*2*BÏG".encode()))
    assert body["payer_name"] == "BÏG PAYER"
    start = body["lines"][0]["byte_offset"]
    assert changed(text, b"NM1*PR*2*BIG", "NM1*PR*2*BÏG".encode())[start:].startswith(
        b"SV2*"
    )
