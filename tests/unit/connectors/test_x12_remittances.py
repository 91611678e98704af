"""835 remittances: balanced on three levels, or refused whole."""

import hashlib
import json
import random
import re
from contextlib import suppress
from decimal import Decimal

import pytest

from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    Refusal,
    TransactionSet,
)
from tests.unit.connectors.x12_text import changed, message, read, recounted

BALANCED = message("remittance_balanced_with_provider_adjustment.835")
_PLACE = re.compile(rb',"byte_offset":\d+,"segment_number":\d+')


def placeless(record):
    """Return a body without places, which its hash leaves out."""
    text = _PLACE.sub(b"", record.body)
    assert hashlib.sha256(text).digest() == record.content_sha256
    return json.loads(text)


def test_a_balanced_remittance_gives_its_claims_and_the_transaction():
    *records, part = read(BALANCED)
    first, second, transaction = (placeless(record) for record in records)
    assert [record.resource_type for record in records] == [
        "835.claim",
        "835.claim",
        "835.transaction",
    ]
    assert isinstance(part, TransactionSet)
    assert (
        records[0].resource_id == "BIGPAYER|MERCYVALLEY|260302|000000701|71|835|0001|1"
    )
    assert transaction == {
        "payment_amount": "150.00",
        "handling_code": "I",
        "payment_method": "ACH",
        "payment_format": "CCP",
        "payment_date": "20260302",
        "production_date": "20260302",
        "trace_number": "TRACE77",
        "payer_name": "BIG PAYER",
        "payer_id": "BP001",
        "payee_npi": "1999999984",
        "provider_adjustments": [
            {
                "fiscal_date": "20261231",
                "reason_code": "WO",
                "reference": "OLD CLAIM",
                "amount": "30.00",
            }
        ],
        "claim_count": 2,
    }
    assert first["claim_id"] == "1999999984|MVH0000001"
    assert first["patient_responsibility_amount"] == "20.00"
    office, emergency = first["lines"]
    assert office["adjustments"] == [
        {"group_code": "CO", "reason_code": "45", "amount": "20.00"},
        {"group_code": "PR", "reason_code": "1", "amount": "15.00"},
        {"group_code": "PR", "reason_code": "2", "amount": "5.00"},
    ]
    assert (emergency["revenue_code"], emergency["line_number"]) == ("0450", "2")
    assert second["adjustments"][0]["reason_code"] == "29"
    assert second["lines"] == []


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        (b"SVC*HC:99213*100.00*60.00", b"SVC*HC:99213*100.00*61.00", "line 1"),
        (b"CAS*CO*29*50.00", b"CAS*CO*29*49.99", "claim 2"),
        (
            b"CLP*MVH0000001*1*300.00*180.00",
            b"CLP*MVH0000001*1*300.00*181.00",
            "claim 1",
        ),
        (b"BPR*I*150.00", b"BPR*I*250.00", "BPR02"),
        (b"WO:OLD CLAIM*30.00", b"WO:OLD CLAIM*-30.00", "BPR02"),
    ],
)
def test_what_does_not_balance_on_any_level_is_refused_whole(old, new, level):
    items = read(changed(BALANCED, old, new))
    refused = items[-1]
    assert refused.refusal_class == "UNBALANCED"
    assert level in refused.message
    assert refused.withdraws == (1, 1)
    assert not any(isinstance(item, TransactionSet) for item in items)


def test_a_reversal_with_negative_amounts_balances():
    reversal = (
        b"CLP*MVH0000003*22*-300.00*-180.00**12*CTRL9*13*1~\nCAS*CO*45*-120.00~\nPLB*"
    )
    text = recounted(changed(BALANCED, b"PLB*", reversal))
    text = changed(text, b"BPR*I*150.00", b"BPR*I*-30.00")
    assert isinstance(read(text)[-1], TransactionSet)


@pytest.mark.parametrize(
    ("old", "new", "refusal_class"),
    [
        (b"CAS*CO*29*50.00", b"CAS*CO*29*50.001", "AMOUNT_SCALE"),
        (b"BPR*I*150.00", b"BPR*I*Infinity", "AMOUNT_INVALID"),
        (b"N1*PR*BIG", b"N1*PR*B\xcfG", "ENCODING"),
        (b"CLP*MVH0000001", b"CLP*MVH\x00000001", "ENCODING"),
        (b"LX*1~\nCLP", b"SVC*HC:1*1*1~\nCLP", "SEGMENT_INVALID"),
    ],
)
def test_a_bad_value_refuses_the_whole_transaction(old, new, refusal_class):
    (refused,) = read(changed(BALANCED, old, new))[-1:]
    assert isinstance(refused, Refusal)
    assert refused.refusal_class == refusal_class
    assert refused.resource_type == "835 transaction"


@pytest.mark.parametrize("shown", [b"", b"20002316", b"2026030"])
def test_a_payment_without_its_date_is_dated_by_its_production(shown):
    text = changed(BALANCED, b"*20260302~\nTRN", b"*" + shown + b"~\nTRN")
    *records, part = read(changed(text, b"DTM*405*20260302", b"DTM*405*20260301"))
    assert isinstance(part, TransactionSet)
    bodies = [json.loads(record.body) for record in records]
    assert {body["payment_date"] for body in bodies} == {"20260301"}
    assert bodies[-1]["findings"] == [
        {
            "refusal_class": "DATE_INVALID",
            "element": "BPR16",
            "byte_offset": text.index(b"BPR*"),
            "segment_number": 4,
        }
    ]


def test_a_payment_that_nothing_dates_is_refused_by_its_place():
    text = changed(BALANCED, b"*20260302~\nTRN", b"*~\nTRN")
    (refused,) = read(recounted(changed(text, b"DTM*405*20260302~\n", b"")))
    assert refused.refusal_class == "DATE_INVALID"
    assert "BPR16 (segment 4)" in refused.message


def test_a_payment_of_nothing_is_dated_by_its_group():
    text = BALANCED[: BALANCED.index(b"LX*1")] + BALANCED[BALANCED.index(b"SE*") :]
    text = changed(text, b"BPR*I*150.00*C*ACH", b"BPR*H*0*C*NON")
    text = changed(text, b"*20260302~\nTRN", b"*~\nTRN")
    text = recounted(changed(text, b"DTM*405*20260302~\n", b""))
    record, _ = read(text)
    assert json.loads(record.body)["payment_date"] == "20260302"


@pytest.mark.parametrize(
    ("old", "new", "refusal_class", "element"),
    [
        (b"DTM*472*20260210", b"DTM*472*20260231", "DATE_INVALID", "DTM02"),
        (b"*60.00**1~", b"*60.00**one~", "NUMBER_INVALID", "SVC05"),
        (b"*45*20.00~", b"*45*20.00*one~", "NUMBER_INVALID", "CAS04"),
        (b"*45*20.00~", b"*45*20.00**97~", "AMOUNT_INVALID", "CAS06"),
        (b"*180.00*20.00*", b"*180.00*20.001*", "AMOUNT_SCALE", "CLP05"),
        (b"*180.00*20.00*", b"*180.00*none*", "AMOUNT_INVALID", "CLP05"),
    ],
)
def test_what_no_balance_needs_is_left_out_and_the_payment_lands(
    old, new, refusal_class, element
):
    text = changed(BALANCED, old, new)
    *records, part = read(text)
    assert isinstance(part, TransactionSet)
    body = json.loads(records[0].body)
    (found,) = body["findings"]
    assert (found["refusal_class"], found["element"]) == (refusal_class, element)
    assert text[found["byte_offset"] :].startswith(element[:3].encode())
    for bad in (b'"20260231"', b'"one"', b'"20.001"', b'"none"'):
        assert bad not in records[0].body
    assert (body["paid_amount"], len(body["lines"])) == ("180.00", 2)


@pytest.mark.parametrize("shown", [b"20261331", b""])
def test_a_provider_adjustment_without_its_fiscal_date_keeps_its_money(shown):
    text = changed(BALANCED, b"*20261231*WO", b"*" + shown + b"*WO")
    *_, transaction, part = read(text)
    assert isinstance(part, TransactionSet)
    body = json.loads(transaction.body)
    (adjustment,) = body["provider_adjustments"]
    assert (adjustment["amount"], "fiscal_date" in adjustment) == ("30.00", False)
    (finding,) = body["findings"]
    assert (finding["refusal_class"], finding["element"]) == ("DATE_INVALID", "PLB02")
    assert text[finding["byte_offset"] :].startswith(b"PLB*")


def test_blanks_that_fill_a_number_up_are_no_part_of_it():
    text = changed(BALANCED, b"CLP*MVH0000001*", b"CLP*MVH0000001    *")
    first, *_ = read(changed(text, b"*CTRL1*", b"*CTRL1  *"))
    body = json.loads(first.body)
    assert body["claim_id"] == "1999999984|MVH0000001"
    assert body["payer_claim_control_number"] == "CTRL1"


def test_a_name_in_latin_1_loses_no_money():
    text = changed(BALANCED, b"DOE*JANE", b"D\xd6E*JANE")
    text = changed(text, b"N1*PE*MERCY", b"N1*PE*M\xc9RCY")
    *records, part = read(text)
    assert isinstance(part, TransactionSet)
    first, second, transaction = (json.loads(record.body) for record in records)
    assert first["paid_amount"] == "180.00"
    assert [(f["refusal_class"], f["element"]) for f in first["findings"]] == [
        ("ENCODING", "NM1")
    ]
    assert "findings" not in second
    (found,) = transaction["findings"]
    assert text[found["byte_offset"] :].startswith(b"N1*PE*M\xc9")


def test_a_line_that_states_no_amount_counts_nothing():
    line = b"SVC*HC:59426******742*742**1~\nSVC*HC:99213*100.00*"
    text = recounted(changed(BALANCED, b"SVC*HC:99213*100.00*", line))
    *records, part = read(text)
    assert isinstance(part, TransactionSet)
    body = json.loads(records[0].body)
    assert [line["charge_amount"] for line in body["lines"]] == [
        "0",
        "100.00",
        "200.00",
    ]
    assert [found["element"] for found in body["findings"]] == ["SVC02", "SVC03"]


def landed(items):
    """Return the records that stand: those of units that were not withdrawn."""
    gone = [item.withdraws for item in items if isinstance(item, Refusal)]
    return [
        json.loads(item.body)
        for item in items
        if isinstance(item, Record)
        and not any(span and span[0] <= item.unit <= span[1] for span in gone)
    ]


def test_a_remittance_with_a_changed_digit_never_lands_unbalanced():
    seed = random.SystemRandom().randrange(10**9)
    print("seed", seed)
    dice = random.Random(seed)
    digits = [found.start() for found in re.finditer(rb"\d", BALANCED)]
    for _ in range(1500):
        text = bytearray(BALANCED)
        for at in dice.sample(digits, dice.choice([1, 2])):
            text[at] = dice.choice(b"0123456789.-*~:")
        with suppress(FileRefused):
            assert_balanced(landed(read(bytes(text), size=512)))


def assert_balanced(bodies):
    paid = sum(
        (Decimal(body["paid_amount"]) for body in bodies if "claim_id" in body),
        Decimal(),
    )
    for body in bodies:
        if "claim_count" in body:
            adjusted = sum(
                Decimal(each["amount"]) for each in body["provider_adjustments"]
            )
            assert Decimal(body["payment_amount"]) == paid - adjusted
        else:
            lines = body["lines"]
            every = [
                *body["adjustments"],
                *(a for line in lines for a in line["adjustments"]),
            ]
            adjusted = sum(Decimal(each["amount"]) for each in every)
            assert Decimal(body["charge_amount"]) - adjusted == Decimal(
                body["paid_amount"]
            )
    assert not bodies or any("claim_count" in body for body in bodies)
