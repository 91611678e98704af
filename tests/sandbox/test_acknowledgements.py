from collections import Counter
from decimal import Decimal

import pytest

from tests.sandbox.splitter import segments
from tests.sandbox.x12_files import (
    ClaimAnswer,
    ClaimFile,
    SyntaxAnswer,
    original,
)


@pytest.fixture(scope="session")
def claim_files(sandbox):
    """Returns the claims of every 837 file by (receiver of its answers, group)."""
    paths = filter(original, sorted((sandbox / "billing").glob("*_837*.edi")))
    return {
        (f"{path.name[:3]}BILLING", claims[0].group): claims
        for path in paths
        for claims in [ClaimFile(path).claims]
    }


@pytest.fixture(scope="session")
def syntax(sandbox):
    """Returns what each 999 answers, and those that are syntax."""
    paths = sorted((sandbox / "billing").glob("999_*.edi"))
    answers = [SyntaxAnswer(path) for path in paths]
    return {(answer.receiver, answer.group): answer for answer in answers}


def test_every_837_is_answered_by_one_999_for_its_set(claim_files, syntax):
    assert syntax.keys() == claim_files.keys()
    for key, answer in syntax.items():
        [(set_number, code)] = answer.sets
        assert set_number == claim_files[key][0].set_number
        accepted = "1" if code == "A" else "0"
        assert answer.summary == [code, "1", "1", accepted]


def test_a_refused_set_names_its_error_and_is_sent_again_two_days_later(
    claim_files, syntax, table
):
    [key] = [key for key, answer in syntax.items() if answer.sets[0][1] == "R"]
    first = claim_files[key]
    again = {
        claim.claim_id
        for claims in claim_files.values()
        for claim in claims
        if int(claim.sent_on) == int(first[0].sent_on) + 2
    }
    assert {claim.claim_id for claim in first} == again
    truth = {
        row["claim_id"]
        for row in table("truth/claim_root")
        if row["path"].startswith("set_rejected_then_resent")
    }
    assert truth == again
    assert len(truth) >= 3


def test_a_refused_set_says_where_it_is_broken(sandbox):
    tags = Counter(
        segment[0]
        for path in (sandbox / "billing").glob("999_*.edi")
        for segment in segments(path)
    )
    assert tags["IK3"] == tags["IK4"] == tags["CTX"] == 1


def test_every_taken_set_has_a_277ca_whose_totals_are_its_claims(
    sandbox, claim_files, syntax
):
    taken = {
        claims[0].reference: claims
        for key, claims in claim_files.items()
        if syntax[key].sets[0][1] == "A"
    }
    seen = set()
    for path in (sandbox / "billing").glob("277CA_*.edi"):
        answer = ClaimAnswer(path)
        reference, totals, claims = answer.reference, answer.totals, answer.claims
        seen.add(reference)
        billed = Counter((c.npi, c.account, c.charge) for c in taken[reference])
        answered = Counter((c["npi"], c["account"], c["charge"]) for c in claims)
        assert answered == billed
        for level, names in (("21", ("90", "AA")), ("19", ("QA", "QC"))):
            for name, money, action in zip(names, ("YU", "YY"), "WU", strict=True):
                chosen = [c for c in claims if c["action"][0] == action]
                found = totals[level]
                assert found.get(name, 0) == len(chosen)
                amount = sum((c["charge"] for c in chosen), Decimal())
                assert found.get(money, 0) == amount
    assert seen == taken.keys()


def test_a_taken_claim_has_a_payer_number_and_a_refused_one_a_reason(sandbox):
    numbers, refusals = Counter(), Counter()
    for path in (sandbox / "billing").glob("277CA_*.edi"):
        for claim in ClaimAnswer(path).claims:
            if claim["action"] == "WQ":
                assert claim["status"][0] == "A2"
                numbers[claim["1K"]] += 1
            else:
                assert "1K" not in claim
                refusals[tuple(claim["status"])] += 1
    assert set(numbers.values()) == {1}
    assert refusals.keys() == {("A7", "164", "IL")}
    assert refusals.total() >= 3


def test_a_receipt_names_the_interchange_that_it_received(sandbox, claim_files):
    receipts = {}
    for path in (sandbox / "billing").glob("TA1_*.edi"):
        isa, ta1, iea = segments(path)
        receipts[isa[8].strip(), ta1[1]] = ta1[4:]
        assert iea == ["IEA", "0", isa[13]]
    known = {(receiver, f"{int(group):09d}") for receiver, group in claim_files}
    assert len(receipts) == 6
    assert receipts.keys() <= known
    assert all(code == ["A", "000"] for code in receipts.values())
