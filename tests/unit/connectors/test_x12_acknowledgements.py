"""What becomes of a submission: TA1, 999, 277CA; and claim status asked and told."""

import json

import pytest

from ledgerline.connectors.formats.record import Record, Refusal, TransactionSet
from tests.unit.connectors.x12_text import changed, message, read, recounted

GROUP = message("acknowledgement_with_a_rejected_set.999")
OLDER = message("functional_acknowledgement_of_an_older_partner.997")
CLAIMS = message("claim_acknowledgement_with_a_rejected_claim.277")
STATUS = message("claim_status_of_a_dependent.277")
INQUIRY = message("claim_status_inquiry.276")


def bodies(text, resource_type):
    return [
        json.loads(item.body)
        for item in read(text)
        if isinstance(item, Record) and item.resource_type == resource_type
    ]


def refusals(text):
    return [item for item in read(text) if isinstance(item, Refusal)]


def test_an_interchange_acknowledgement_names_the_interchange_and_its_result():
    (body,) = bodies(GROUP, "TA1.interchange")
    assert body == {
        "sender_id": "BIGPAYER",
        "receiver_id": "MERCYVALLEY",
        "interchange_control_number": "000000801",
        "interchange_date": "260302",
        "interchange_time": "0900",
        "accept_code": "A",
        "note_code": "000",
    }


def test_an_interchange_acknowledgement_falls_with_its_interchange():
    items = read(changed(GROUP, b"IEA*1*000000901", b"IEA*1*000000999"))
    (record, *_) = items
    (refused,) = [item for item in items if isinstance(item, Refusal)]
    first, last = refused.withdraws
    assert first <= record.unit <= last


def test_an_interchange_acknowledgement_without_a_result_is_refused_by_itself():
    text = changed(GROUP, b"*0900*A*000~", b"*0900**000~")
    (refused,) = refusals(text)
    assert refused.refusal_class == "SEGMENT_INVALID"
    assert "TA1 (segment 2)" in refused.message
    assert len(bodies(text, "999.group")) == 1


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        (b"*ZZ*BIGPAYER ", b"*ZZ*B\xcfGPAYER ", 1),
        (b"GS*FA*BIGPAYER", b"GS*FA*B\xcfGPAYER", 3),
        (b"ST*999*0001*005010X231A1", b"ST*999*00\xcf1*005010X231A1", 4),
    ],
)
def test_nothing_is_named_by_an_envelope_that_is_not_text(old, new, number):
    refused = refusals(changed(GROUP, old, new))
    assert {each.refusal_class for each in refused} <= {"ENCODING", "COUNT_MISMATCH"}
    assert f"segment {number} " in refused[0].message
    assert bodies(changed(GROUP, old, new), "999.group") == []


def test_an_acknowledged_group_says_what_is_wrong_with_which_set():
    (body,) = bodies(GROUP, "999.group")
    taken, rejected = body.pop("sets")
    assert body == {
        "sender_id": "BIGPAYER",
        "receiver_id": "MERCYVALLEY",
        "functional_code": "HC",
        "group_control_number": "81",
        "implementation": "005010X223A2",
        "accept_code": "P",
        "included_count": 2,
        "received_count": 2,
        "accepted_count": 1,
        "error_codes": [],
    }
    assert (taken["set_control_number"], taken["accept_code"]) == ("0001", "A")
    assert (rejected["accept_code"], rejected["error_codes"]) == ("R", ["5", "I5"])
    place = {"segment_tag": "CLM", "segment_position": 22, "loop": "2300"}
    assert rejected["errors"] == [
        {**place, "code": "8"},
        {**place, "element_position": 2, "code": "1"},
        {**place, "element_position": 5, "code": "7"},
        {
            "segment_tag": "DTP",
            "segment_position": 24,
            "loop": "2300",
            "code": "I9",
        },
    ]
    assert not any(b"SECRET" in item.body for item in read(GROUP) if is_record(item))


def test_a_997_of_an_older_partner_says_what_a_999_says():
    (older,), (body,) = bodies(OLDER, "999.group"), bodies(GROUP, "999.group")
    assert older["sender_id"] == "OLDPAYER"
    for name in ("functional_code", "group_control_number", "accept_code"):
        assert older[name] == body[name]
    assert (older["received_count"], older["accepted_count"]) == (2, 1)
    for old, new in zip(older["sets"], body["sets"], strict=True):
        for name in ("transaction", "set_control_number", "accept_code"):
            assert old[name] == new[name]
    _, rejected = older["sets"]
    place = {"segment_tag": "CLM", "segment_position": 22, "loop": "2300"}
    assert rejected["error_codes"] == ["5"]
    assert rejected["errors"] == [
        {**place, "code": "5"},
        {**place, "code": "8"},
        {**place, "element_position": 2, "code": "1"},
        {**place, "element_position": 5, "code": "7"},
        {"segment_tag": "DTP", "segment_position": 24},
    ]
    assert not any(b"SECRET" in item.body for item in read(OLDER) if is_record(item))


def is_record(item):
    return isinstance(item, Record)


@pytest.mark.parametrize(
    ("old", "new", "refusal_class", "place"),
    [
        (b"AK1*HC*81*", b"AK1*HC**", "SEGMENT_INVALID", "segment 4"),
        (b"AK9*P*", b"AK9**", "SEGMENT_INVALID", "segment 4"),
        (b"IK3*CLM*22*2300*8~\n", b"", "SEGMENT_INVALID", "IK4 (segment 10)"),
        (b"IK5*A~\n", b"", "SEGMENT_INVALID", "before segment 7"),
        (b"AK2*837*0001*005010X223A2~\n", b"", "SEGMENT_INVALID", "IK5 (segment 6)"),
    ],
)
def test_an_acknowledgement_that_cannot_be_told_is_refused(
    old, new, refusal_class, place
):
    (refused,) = refusals(recounted(changed(GROUP, old, new)))
    assert refused.refusal_class == refusal_class
    assert place in refused.message


def test_a_claim_acknowledgement_tells_every_claim_s_status():
    taken, rejected = bodies(CLAIMS, "277CA.claim")
    assert taken == {
        "claim_id": "1999999984|MVH0000009",
        "account_number": "MVH0000009",
        "billing_npi": "1999999984",
        "payer_id": "BP001",
        "submission_reference": "MVHI000001",
        "trace_number": "MVH0000009",
        "statuses": [
            {
                "category_code": "A2",
                "status_code": "20",
                "entity_code": "PR",
                "effective_date": "20260303",
                "action_code": "WQ",
                "charge_amount": "5120.5",
            }
        ],
        "payer_claim_control_number": "PCN0000009",
        "clearinghouse_number": "CH77",
        "facility_type_code": "111",
        "statement_from": "20260201",
        "statement_through": "20260205",
        "charge_amount": "5120.5",
        "lines": [],
    }
    told = [(s["category_code"], s["status_code"]) for s in rejected["statuses"]]
    assert told == [("A3", "21"), ("A3", "116")]
    (line,) = rejected["lines"]
    assert line["line_control_number"] == "MVH0000010L1"
    assert line["statuses"][0]["status_code"] == "454"
    assert CLAIMS[line["byte_offset"] :].startswith(b"SVC*HC:99213")


def test_a_claim_acknowledgement_tells_the_totals():
    (body,) = bodies(CLAIMS, "277CA.transaction")
    (provider,) = body.pop("providers")
    assert [status["action_code"] for status in body.pop("statuses")] == ["WQ"]
    assert body == {
        "sender_id": "BIGPAYER",
        "receiver_id": "MERCYVALLEY",
        "payer_id": "BP001",
        "submission_reference": "MVHI000001",
        "received_date": "20260302",
        "processed_date": "20260303",
        "accepted_count": 1,
        "rejected_count": 1,
        "accepted_amount": "5120.5",
        "rejected_amount": "100",
        "claim_count": 2,
    }
    assert provider["billing_npi"] == "1999999984"
    assert (provider["accepted_count"], provider["rejected_amount"]) == (1, "100")


def test_a_claim_of_an_unknown_provider_is_unmapped():
    text = changed(CLAIMS, b"*XX*1999999984", b"*FI*123456789")
    (first, _) = bodies(text, "277CA.claim")
    assert first["claim_id"] == "unmapped|MVH0000009"


def test_where_the_receiver_names_no_submission_the_provider_does():
    text = recounted(changed(CLAIMS, b"TRN*2*MVHI000001~\n", b""))
    assert "submission_reference" not in bodies(text, "277CA.claim")[0]
    text = changed(text, b"TRN*1*0~", b"TRN*1*MVHI000007~")
    told = {claim["submission_reference"] for claim in bodies(text, "277CA.claim")}
    assert told == {"MVHI000007"}


def test_a_claim_that_nothing_answers_is_refused_by_itself():
    text = changed(CLAIMS, b"STC*A2:20:PR*20260303*WQ*5120.5~\n", b"")
    text = recounted(text)
    (refused,) = refusals(text)
    assert "TRN, segment 28" in refused.message
    assert refused.resource_type == "277CA.claim"
    assert len(bodies(text, "277CA.claim")) == 1
    assert isinstance(read(text)[-1], TransactionSet)


def test_a_claim_status_goes_by_the_account_number():
    (claim,) = bodies(STATUS, "277.claim")
    assert claim["claim_id"] == "1999999984|MVH0000009"
    assert claim["trace_number"] == "TRACE1"
    assert claim["statuses"][0]["category_code"] == "F1"
    (line,) = claim["lines"]
    assert (line["revenue_code"], line["paid_amount"]) == ("0120", "3500")
    (answer,) = bodies(STATUS, "277.transaction")
    told = [provider["statuses"] for provider in answer["providers"]]
    assert told[0] == []
    assert told[1][0]["category_code"] == "E0"


def test_an_inquiry_asks_and_tells_nothing():
    (claim,) = bodies(INQUIRY, "276.claim")
    assert claim == {
        "claim_id": "1999999984|MVH0000009",
        "account_number": "MVH0000009",
        "billing_npi": "1999999984",
        "payer_id": "BP001",
        "submission_reference": "INQUIRY1",
        "trace_number": "TRACE1",
        "facility_type_code": "111",
        "statement_from": "20260201",
        "statement_through": "20260205",
        "charge_amount": "5120.5",
        "lines": [],
    }
    assert bodies(INQUIRY, "276.transaction") == []
