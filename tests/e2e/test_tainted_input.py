"""Corrupt input holds what it taints; the rest is posted as if nothing had happened."""

from decimal import Decimal

import pytest

from tests.e2e.hospital import by

pytestmark = pytest.mark.e2e

REVENUE_BY_CLAIM = """
select sum(charge_amount) from conformed.fct_charge where claim_id = any(%s)
"""


@pytest.fixture(scope="module")
def run_corrupted(new_hospital):
    def run(name):
        hospital = new_hospital(name, LEDGERLINE_SANDBOX_CORRUPTION=name)
        return hospital, hospital.run()

    return run


def truth_ledger(hospital, facilities=("MVH", "LGH", "NRC")):
    rows = [
        row for row in hospital.truth("ledger") if row["facility_code"] in facilities
    ]
    return by(rows, ("document_kind", "facility_code", "account_code"), "amount")


def posted_ledger(hospital):
    return {
        (kind, facility, account): Decimal(cents) / 100
        for kind, facility, account, cents in hospital.rows(
            "select e.document_kind, e.facility_code, l.account_code, "
            "sum(l.amount_cents) from post.entry e join post.entry_line l "
            "using (entry_id) where e.state = 'POSTED' group by 1, 2, 3 "
            "having sum(l.amount_cents) <> 0"
        )
    }


def test_a_facility_without_charges_is_held_and_the_others_are_posted(run_corrupted):
    hospital, done = run_corrupted("drop_charges")
    assert done.returncode == 0, done.stdout[-3000:]
    tainted = hospital.truth_json("corruption")["tainted"]["facility"]
    verdict, held = hospital.rows(
        "select verdict, held_facilities from ops.gate_decision"
    )[-1]
    assert (verdict, held) == ("HOLD", [tainted])
    assert posted_ledger(hospital) == truth_ledger(hospital, ("MVH", "NRC"))
    for relation in ("conformed.fct_encounter", "marts.service_line_profitability"):
        seen = hospital.rows(f"select distinct facility_code from {relation}")
        assert (tainted,) not in seen
    assert "Reconciliation difference: 0.00" in done.stdout


def test_claims_sent_twice_are_counted_once_even_after_a_kill(
    run_corrupted, new_hospital
):
    name = "duplicate_claim_file"
    hospital = new_hospital(name, LEDGERLINE_SANDBOX_CORRUPTION=name)
    was_killed = hospital.run_and_kill_when("select count(*) > 20 from post.ledger")
    assert was_killed, "the run ended before it could be killed"
    done = hospital.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert posted_ledger(hospital) == truth_ledger(hospital)
    references = hospital.erp().references()
    assert len(references) == len(set(references))
    posted = hospital.rows("select natural_key from post.entry where state = 'POSTED'")
    assert sorted(references) == sorted(f"LL|{key}" for (key,) in posted)
    assert "Reconciliation difference: 0.00" in done.stdout


def test_a_payer_nobody_knows_stays_in_the_totals_and_its_entries_wait(run_corrupted):
    hospital, done = run_corrupted("unknown_payer")
    assert done.returncode == 0, done.stdout[-3000:]
    tainted = hospital.truth_json("corruption")["tainted"]
    gross = sum(Decimal(row["charge_amount"]) for row in hospital.truth("charge"))
    assert (
        hospital.value("select sum(charge_amount) from conformed.fct_charge") == gross
    )
    unmapped = hospital.value(
        "select sum(gross_charge_amount) from marts.service_line_profitability "
        "where payer_class = 'unmapped'"
    )
    assert unmapped >= Decimal(tainted["charge_amount"])
    states = hospital.rows(
        "select distinct state from post.entry where hold_class <> '' "
    )
    assert states == [("HELD",)]
    clean = posted_ledger(hospital)
    full = truth_ledger(hospital)
    differing = {key for key in full if clean.get(key) != full[key]}
    assert {facility for _, facility, _ in differing} == {tainted["facility"]}
    revenue_kept_back = sum(
        full[key] - clean.get(key, Decimal())
        for key in differing
        if key[0] == "patient_revenue" and key[2] == "11200"
    )
    assert revenue_kept_back >= Decimal(tainted["charge_amount"])
    assert "Reconciliation difference: 0.00" in done.stdout


def test_an_835_that_does_not_balance_is_quarantined_whole(run_corrupted):
    hospital, done = run_corrupted("unbalanced_835")
    assert done.returncode == 0, done.stdout[-3000:]
    tainted = hospital.truth_json("corruption")["tainted"]
    refused = hospital.rows(
        "select locator from ops.quarantined_record where class = 'UNBALANCED'"
    )
    assert len(refused) == 1
    assert tainted["files"][0] in refused[0][0]
    paid = by(hospital.truth("payment"), ("trace_number",), "paid_amount")
    lost = paid.pop((tainted["trace_number"],), Decimal())
    assert lost
    assert hospital.value("select sum(paid_amount) from conformed.fct_payment") == sum(
        paid.values()
    )
    clean, full = posted_ledger(hospital), truth_ledger(hospital)
    differing = {key for key in full if clean.get(key) != full[key]}
    assert {(kind, facility) for kind, facility, _ in differing} <= {
        ("cash_receipt", tainted["facility"]),
        ("remittance_adjustment", tainted["facility"]),
    }
    assert "Reconciliation difference: 0.00" in done.stdout
