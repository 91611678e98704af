from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from tests.sandbox.splitter import adjusted, adjustments, segments


@pytest.fixture(scope="session")
def remittance_paths(sandbox):
    return sorted((sandbox / "billing").glob("835_*.edi"))


def parsed(path):
    """Return (BPR02, [claim], sum of PLB), a claim being a dict of its segments."""
    claims, kept, line = [], Decimal(), None
    for segment in segments(path):
        match segment[0]:
            case "BPR":
                paid, paid_on = Decimal(segment[2]), segment[16]
            case "N1" if segment[1] == "PE":
                payee = segment[4]
            case "CLP":
                line = None
                claims.append({"clp": segment, "cas": [], "lines": [], "payee": payee})
                claims[-1]["paid_on"] = paid_on
            case "SVC":
                line = {"svc": segment, "cas": []}
                claims[-1]["lines"].append(line)
            case "CAS":
                (line or claims[-1])["cas"].append(segment)
            case "PLB":
                kept += sum((Decimal(amount) for amount in segment[4::2]), Decimal())
    return paid, claims, kept


def every_cas(claim):
    return claim["cas"] + [cas for line in claim["lines"] for cas in line["cas"]]


def test_every_835_balances_by_line_claim_and_transaction(remittance_paths):
    assert len(remittance_paths) > 100
    for path in remittance_paths:
        paid, claims, kept = parsed(path)
        for claim in claims:
            for line in claim["lines"]:
                charge, line_paid = map(Decimal, line["svc"][2:4])
                assert charge - sum(map(adjusted, line["cas"])) == line_paid
            charge, claim_paid = map(Decimal, claim["clp"][3:5])
            assert charge - sum(map(adjusted, every_cas(claim))) == claim_paid
            if claim["lines"]:
                lines = sum(Decimal(line["svc"][2]) for line in claim["lines"])
                assert lines == charge
        assert sum(Decimal(claim["clp"][4]) for claim in claims) - kept == paid >= 0


def test_patient_responsibility_is_the_sum_of_pr(remittance_paths):
    for path in remittance_paths:
        for claim in parsed(path)[1]:
            patient = [cas for cas in every_cas(claim) if cas[1] == "PR"]
            assert Decimal(claim["clp"][5]) == sum(map(adjusted, patient))


def test_remittances_say_what_the_truth_says(remittance_paths, table):
    truth = {
        row["claim_id"]: (
            Decimal(row["charge_amount"]),
            Decimal(row["paid_amount"]),
            row["payment_date"].replace("-", ""),
        )
        for row in table("truth/claim")
        if row["is_adjudicated"] == "true"
    }
    seen = Counter()
    for path in remittance_paths:
        for claim in parsed(path)[1]:
            claim_id = f"{claim['payee']}|{claim['clp'][1]}"
            seen[claim_id] += 1
            amounts = Decimal(claim["clp"][3]), Decimal(claim["clp"][4])
            assert (*amounts, claim["paid_on"]) == truth[claim_id]
    assert set(seen) == set(truth)
    assert set(seen.values()) == {1}


def test_adjustments_by_kind_are_the_truth(remittance_paths, table):
    kinds = defaultdict(Decimal)
    for path in remittance_paths:
        for claim in parsed(path)[1]:
            for cas in every_cas(claim):
                for group, reason, amount in adjustments(cas):
                    kinds[kind_of(group, reason)] += amount
    for name in ("contractual", "denial", "other_adjustment", "patient_share"):
        truth = sum(Decimal(row[f"{name}_amount"]) for row in table("truth/claim"))
        assert kinds[name] == truth > 0


def kind_of(group, reason):
    if (group, reason) in {("PR", "96"), ("PR", "204")}:
        return "denial"
    if group == "PR":
        return "patient_share"
    if group == "CO" and reason in {"50", "29", "18", "16", "197"}:
        return "denial"
    return "contractual" if group == "CO" else "other_adjustment"


def test_most_claims_are_answered_in_time_and_some_are_denied(table):
    claims = table("truth/claim")
    answered = [row for row in claims if row["is_adjudicated"] == "true"]
    assert 0.90 <= len(answered) / len(claims) <= 0.94
    denied = [row for row in answered if Decimal(row["denial_amount"])]
    assert 0.04 <= len(denied) / len(answered) <= 0.08
    for row in answered:
        through = date.fromisoformat(row["statement_through"])
        waited = date.fromisoformat(row["payment_date"]) - through
        assert 14 <= waited.days <= 45


def test_some_payments_were_lowered_at_provider_level(remittance_paths, table):
    kept = sum(parsed(path)[2] for path in remittance_paths)
    rows = table("truth/provider_adjustment")
    assert len(rows) > 10
    assert kept == sum(Decimal(row["amount"]) for row in rows)
