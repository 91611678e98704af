from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from tests.sandbox.splitter import adjusted, adjustments, segments
from tests.sandbox.x12_files import RemittanceFile, original

REASONS = {"WO", "72", "FB", "L6"}


@pytest.fixture(scope="session")
def remittances(sandbox):
    """Returns (BPR02, [Paid], [(reason, amount)]) of every 835 file."""
    paths = sorted((sandbox / "billing").glob("835_*.edi"))
    files = [RemittanceFile(path) for path in paths if original(path)]
    return [(file.paid, file.claims, file.kept) for file in files]


def test_every_835_balances_by_line_claim_and_transaction(remittances):
    assert len(remittances) > 100
    for paid, claims, kept in remittances:
        for claim in claims:
            for line in claim.lines:
                charge, line_paid = map(Decimal, line["svc"][2:4])
                assert charge - sum(map(adjusted, line["cas"])) == line_paid
            charge, claim_paid = map(Decimal, claim.clp[3:5])
            assert charge - sum(map(adjusted, claim.every_cas)) == claim_paid
            if claim.lines:
                lines = sum(Decimal(line["svc"][2]) for line in claim.lines)
                assert lines == charge
        claims_paid = sum(Decimal(claim.clp[4]) for claim in claims)
        assert claims_paid - sum(amount for _, amount in kept) == paid >= 0


def test_patient_responsibility_is_the_sum_of_pr_but_on_a_reversal(billing):
    for claim in billing.payments:
        patient = [cas for cas in claim.every_cas if cas[1] == "PR"]
        is_reversal = claim.clp[2] == "22"
        owed = 0 if is_reversal else sum(map(adjusted, patient))
        assert Decimal(claim.clp[5]) == owed


def test_remittances_say_what_the_truth_says(billing, table):
    truth = Counter(
        (
            row["claim_id"],
            row["trace_number"],
            row["claim_status_code"],
            row["payer_claim_control_number"],
            Decimal(row["charge_amount"]),
            Decimal(row["paid_amount"]),
            row["payment_date"].replace("-", ""),
        )
        for row in table("truth/payment")
    )
    seen = Counter(
        (
            claim.claim_id,
            claim.trace,
            claim.clp[2],
            claim.clp[7],
            *map(Decimal, claim.clp[3:5]),
            claim.paid_on,
        )
        for claim in billing.payments
    )
    assert seen == truth
    assert set(seen.values()) == {1}


def test_adjustments_by_kind_are_the_truth(billing, table):
    kinds = defaultdict(Decimal)
    second = {claim.claim_id for claim in billing.payments if claim.clp[2] == "2"}
    for claim in billing.payments:
        is_passed_on = claim.claim_id in second and claim.clp[2] != "2"
        for cas in claim.every_cas:
            for group, reason, amount in adjustments(cas):
                kind = kind_of(group, reason)
                if not (is_passed_on and kind == "patient_share"):
                    kinds[kind] += amount
    for name in ("contractual", "denial", "other_adjustment", "patient_share"):
        truth = sum(Decimal(row[f"{name}_amount"]) for row in table("truth/claim_root"))
        assert kinds[name] == truth > 0


def kind_of(group, reason):
    if (group, reason) in {("PR", "96"), ("PR", "204")}:
        return "denial"
    if group == "PR":
        return "patient_share"
    if group == "CO" and reason in {"50", "29", "18", "16", "197"}:
        return "denial"
    if (group, reason) == ("OA", "23"):
        return "prior_payer"
    return "contractual" if group == "CO" else "other_adjustment"


def test_most_claims_are_answered_in_time_and_some_are_denied(table):
    claims = table("truth/claim")
    answered = [row for row in claims if row["is_adjudicated"] == "true"]
    assert 0.90 <= len(answered) / len(claims) <= 0.94
    denied = [row for row in answered if Decimal(row["denial_amount"])]
    assert 0.04 <= len(denied) / len(answered) <= 0.08
    once = {
        row["claim_id"]
        for row in table("truth/claim_root")
        if row["path"] in {"accepted", "denied"}
    }
    for row in answered:
        if row["claim_id"] not in once:
            continue
        through = date.fromisoformat(row["statement_through"])
        waited = date.fromisoformat(row["payment_date"]) - through
        assert 14 <= waited.days <= 45


def test_some_payments_were_changed_at_provider_level(remittances, table):
    kept = [pair for remittance in remittances for pair in remittance[2]]
    rows = table("truth/provider_adjustment")
    truth = Counter((row["reason_code"], Decimal(row["amount"])) for row in rows)
    assert Counter(kept) == truth
    reasons = Counter(reason for reason, _ in kept)
    assert reasons.keys() == REASONS
    assert min(reasons.values()) >= 3


def test_a_payment_below_zero_is_forwarded_and_taken_from_a_later_one(remittances):
    owed, turned = defaultdict(Decimal), 0
    by_day = sorted(remittances, key=lambda each: each[1][0].paid_on)
    for paid, claims, kept in by_day:
        party = claims[0].payer_id, claims[0].npi
        for reason, amount in kept:
            if reason == "FB":
                owed[party] -= amount
                turned += amount < 0
                assert owed[party] >= 0
                assert paid == 0 or amount > 0
    assert turned >= 3


def test_a_denial_that_needs_a_remark_carries_one(sandbox):
    seen = Counter()
    for path in filter(original, (sandbox / "billing").glob("835_*.edi")):
        tags, reasons = Counter(), set()
        for segment in segments(path):
            if segment[0] == "CAS" and segment[1] == "CO":
                reasons |= set(segment[2::3])
            tags[segment[0]] += 1
        has_remark = bool(tags["MIA"] + tags["MOA"] + tags["LQ"])
        assert has_remark >= bool(reasons & {"16", "50"})
        seen.update(tag for tag in ("MIA", "MOA", "LQ") if tags[tag])
    assert seen["MOA"]
    assert seen["LQ"]
