"""837 claims: what becomes a record, delimiters, and where things lie."""

import json

import pytest

from ledgerline.connectors.formats.record import Record, Refusal, TransactionSet
from tests.unit.connectors.x12_text import changed, message, read, recounted

INSTITUTIONAL = message("claim_institutional_with_drg.837")
KEY = "MERCYVALLEY|BIGPAYER|260302|000000801|81|837|0001"
PROFESSIONAL = message("claim_professional_with_pipes_and_newlines.837")


def claims(text, **options):
    return [item for item in read(text, **options) if isinstance(item, Record)]


def test_an_institutional_claim_has_everything_that_costing_needs():
    (record,) = claims(INSTITUTIONAL)
    body = json.loads(record.body)
    lines = body.pop("lines")
    assert record.resource_id == f"{KEY}|MVH0000009|1"
    assert body == {
        "transaction": "837I",
        "implementation": "005010X223A3",
        "transaction_set": {
            "sender_id": "MERCYVALLEY",
            "receiver_id": "BIGPAYER",
            "interchange_control_number": "000000801",
            "group_control_number": "81",
            "set_control_number": "0001",
        },
        "submission_reference": "1",
        "submission_date": "20260302",
        "billing_npi": "1999999984",
        "claim_id": "1999999984|MVH0000009",
        "account_number": "MVH0000009",
        "charge_amount": "5120.50",
        "facility_code_value": "11",
        "frequency_code": "1",
        "payer_sequence": "P",
        "filing_indicator": "MA",
        "payer_id": "BP001",
        "payer_name": "BIG PAYER",
        "statement_from": "20260201",
        "statement_through": "20260205",
        "admission_date": "20260201",
        "patient_status": "03",
        "medical_record_number": "MRN77",
        "original_reference": "OLDCTRL",
        "drg": "247",
        "condition_codes": [],
        "diagnoses": [
            {"qualifier": "ABK", "code": "I2510"},
            {"qualifier": "ABF", "code": "E119"},
            {"qualifier": "ABF", "code": "I10"},
        ],
        "procedures": [
            {"qualifier": "BBR", "code": "02703ZZ", "date": "20260202"},
            {"qualifier": "BBQ", "code": "B2111ZZ", "date": "20260203"},
        ],
        "other_payers": [
            {
                "payer_sequence": "S",
                "filing_indicator": "CI",
                "payer_id": "OP9",
                "payer_name": "OTHER PAYER",
                "adjustments": [],
            }
        ],
    }
    room, implant = lines
    assert (room["revenue_code"], room["quantity"]) == ("0120", "4")
    assert "procedure_code" not in room
    assert room["service_date"] == "20260201"
    assert implant["procedure_code"] == "C1874"
    assert implant["modifiers"] == ["XU", "59"]
    assert implant["charge_amount"] == "1120.50"


def test_other_delimiters_and_newline_terminators_are_read():
    (record,) = claims(PROFESSIONAL)
    body = json.loads(record.body)
    (line,) = body["lines"]
    assert body["transaction"] == "837P"
    assert body["claim_id"] == "1888888882|NRC0000003"
    assert (body["facility_code_value"], body["frequency_code"]) == ("22", "1")
    assert (line["procedure_code"], line["modifiers"]) == ("99214", ["25"])


def test_the_line_control_number_names_the_charge_of_its_line_only():
    (record,) = claims(PROFESSIONAL)
    (line,) = json.loads(record.body)["lines"]
    assert line["line_control_number"] == "NRC0000003P001"
    on_first = changed(
        INSTITUTIONAL, b"LX*2~", b"REF*6R*77~\nREF*6R*~\nREF*G1*AUTH~\nLX*2~"
    )
    on_claim = changed(on_first, b"REF*EA*", b"REF*6R*88~\nREF*EA*")
    (record,) = claims(recounted(on_claim))
    body = json.loads(record.body)
    numbers = [line.get("line_control_number") for line in body["lines"]]
    assert numbers == ["77", None]
    assert "line_control_number" not in body


def test_a_claim_that_says_the_same_again_has_its_own_codes_and_places():
    claim = INSTITUTIONAL[INSTITUTIONAL.index(b"CLM*") : INSTITUTIONAL.index(b"SE*")]
    claim = changed(claim, b"HI*DR:247", b"HI*DR:247*BG")
    before = INSTITUTIONAL[: INSTITUTIONAL.index(b"CLM*")]
    after = INSTITUTIONAL[INSTITUTIONAL.index(b"SE*") :]
    text = recounted(before + claim + claim + claim + after)
    records = claims(text)
    assert len({record.content_sha256 for record in records}) == 1
    for number, record in enumerate(records):
        body = json.loads(record.body)
        assert len(body["diagnoses"]) == 3
        assert len(body["procedures"]) == 2
        (finding,) = body["findings"]
        offset = finding["byte_offset"] - len(before) - number * len(claim)
        assert claim[offset:].startswith(b"HI*DR:247*BG")


@pytest.mark.parametrize("size", [1, 5, 107, 5000])
def test_several_interchanges_of_one_file_keep_their_own_delimiters(size):
    text = message("two_interchanges_with_other_delimiters.837")
    first, second = claims(text, size=size)
    assert first.resource_id.startswith("MERCYVALLEY|")
    assert second.resource_id.startswith("NORTHRIDGE|")


@pytest.mark.parametrize("size", [1, 64, 5000])
@pytest.mark.parametrize(
    "text",
    [
        INSTITUTIONAL,
        INSTITUTIONAL.replace(b"\n", b"\r\n"),
        INSTITUTIONAL.replace(b"\n", b""),
        b"\xef\xbb\xbf" + INSTITUTIONAL,
        b"\r\n  " + INSTITUTIONAL,
    ],
    ids=["LF", "CRLF", "one line", "byte order mark", "leading blanks"],
)
def test_line_ends_change_offsets_but_not_content(text, size):
    (record,) = claims(text, size=size)
    (plain,) = claims(INSTITUTIONAL)
    raw = text[record.byte_offset : record.byte_offset + record.byte_length]
    assert raw.startswith(b"CLM*MVH0000009*")
    assert raw.endswith(b"DTP*472*D8*20260202~")
    assert record.content_sha256 == plain.content_sha256
    for line in json.loads(record.body)["lines"]:
        assert text[line["byte_offset"] :].startswith(b"SV2*")


def test_segment_numbers_count_from_the_isa():
    (record,) = claims(INSTITUTIONAL)
    numbers = [line["segment_number"] for line in json.loads(record.body)["lines"]]
    raw = [segment.strip() for segment in INSTITUTIONAL.split(b"~")]
    assert [raw[number - 1][:4] for number in numbers] == [b"SV2*", b"SV2*"]


def test_an_unpadded_isa_is_read():
    parts = INSTITUTIONAL.split(b"*", 16)
    text = b"*".join([part.strip() for part in parts[:16]] + parts[16:])
    assert len(claims(text)) == 1


def test_the_transaction_set_has_one_key_and_the_hash_of_all_of_it():
    def part(text):
        return next(item for item in read(text) if isinstance(item, TransactionSet))

    plain = part(INSTITUTIONAL)
    other_patient = part(changed(INSTITUTIONAL, b"DOE*JANE", b"DOE*JOAN"))
    assert plain.key == KEY
    assert (
        part(INSTITUTIONAL.replace(b"\n", b"")).content_sha256 == plain.content_sha256
    )
    assert other_patient.content_sha256 != plain.content_sha256


@pytest.mark.parametrize(
    ("old", "new", "refusal_class"),
    [
        (b"*5120.50*", b"*5120.505*", "AMOUNT_SCALE"),
        (b"*5120.50*", b"*NaN*", "AMOUNT_INVALID"),
        (b"*5120.50*", b"*5E3*", "AMOUNT_INVALID"),
        (b"*5120.50*", b"**", "AMOUNT_INVALID"),
        (b"*4000.00*", b"*4,000*", "AMOUNT_INVALID"),
        (b"*1120.50*UN*1~", b"*1120.50*UN*one~", "NUMBER_INVALID"),
        (b"D8*20260202~", b"D8*20260230~", "DATE_INVALID"),
        (b"RD8*20260201-20260205", b"RD8*20260205-20260201", "DATE_INVALID"),
        (b"RD8*20260201-20260204", b"RD8*20260204-20260201", "DATE_INVALID"),
        (b"*5120.50*", b"*" + b"9" * 13 + b"*", "AMOUNT_INVALID"),
        (b"RD8*20260201-20260205", b"RD8*20260201-2026020", "DATE_INVALID"),
        (b"*MVH0000009*", b"*MVH\x000009*", "ENCODING"),
        (b"*MVH0000009*", b"*MVH\xe9\x309*", "ENCODING"),
    ],
)
def test_a_bad_value_refuses_its_claim_and_is_not_repeated(old, new, refusal_class):
    text = changed(INSTITUTIONAL, old, new)
    two = changed(text, b"LX*1~\nSV2*0120", b"LX*1~\nSV2*0120")
    refused, part = read(two)
    assert isinstance(refused, Refusal)
    assert refused.refusal_class == refusal_class
    assert refused.resource_type == "837.claim"
    assert isinstance(part, TransactionSet)
    assert "MVH" not in refused.message
    assert "5120" not in refused.message


def test_the_good_claims_beside_a_bad_one_are_kept():
    second = (
        b"CLM*MVH0000010*x***11:A:1~\nLX*1~\nSV2*0120**1.00*DA*1~\n"
        b"CLM*MVH0000011*1.00***11:A:1~\nLX*1~\nSV2*0120**1.00*DA*1~\nSE*"
    )
    text = recounted(changed(INSTITUTIONAL, b"SE*", second))
    kinds = [type(item).__name__ for item in read(text)]
    assert kinds == ["Record", "Refusal", "Record", "TransactionSet"]


def test_a_claim_without_lines_is_refused():
    lines = INSTITUTIONAL[INSTITUTIONAL.index(b"LX*1") : INSTITUTIONAL.index(b"SE*")]
    refused, _ = read(recounted(changed(INSTITUTIONAL, lines, b"")))
    assert refused.refusal_class == "SEGMENT_INVALID"


def test_a_second_service_in_a_line_refuses_its_claim():
    again = b"SV2*0120**4000.00*DA*4~\nSV2*0120**4000.00*DA*4~"
    text = recounted(changed(INSTITUTIONAL, b"SV2*0120**4000.00*DA*4~", again))
    refused, _ = read(text)
    assert refused.refusal_class == "SEGMENT_INVALID"
    assert "SV2 (segment 28)" in refused.message
