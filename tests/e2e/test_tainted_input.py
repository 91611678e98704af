"""Corrupt input holds what it taints; the rest is posted as if nothing had happened."""

from decimal import Decimal

import pytest

from tests.hospital import by

pytestmark = [pytest.mark.e2e, pytest.mark.long]


def truth_ledger(hospital):
    keys = ("document_kind", "facility_code", "account_code")
    return by(hospital.truth("ledger"), keys, "amount")


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


def differing(hospital):
    """Keys of the ledger that the truth has and the posted documents do not match."""
    posted, full = posted_ledger(hospital), truth_ledger(hospital)
    keys = posted.keys() | full.keys()
    return {key for key in keys if posted.get(key) != full.get(key)}


@pytest.fixture(scope="module")
def tainted(new_hospital):
    """A hospital with four faults, whose first run is killed while it posts."""
    faults = ("drop_charges", "duplicate_claim_file", "unbalanced_835", "unknown_payer")
    hospital = new_hospital("tainted", LEDGERLINE_SANDBOX_CORRUPTION=",".join(faults))
    hospital.prime()
    was_killed = hospital.run_and_kill_when("select count(*) > 20 from post.ledger")
    assert was_killed, "the run ended before it could be killed"
    done = hospital.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Reconciliation difference: 0.00" in done.stdout
    return hospital, hospital.truth_json("corruption")


def test_a_killed_run_loses_and_doubles_no_document(tainted):
    hospital, _ = tainted
    references = hospital.erp().references()
    assert len(references) == len(set(references))
    posted = hospital.rows("select natural_key from post.entry where state = 'POSTED'")
    assert sorted(references) == sorted(f"LL|{key}" for (key,) in posted)


def test_a_facility_without_charges_is_held(tainted):
    hospital, faults = tainted
    held = faults["drop_charges"]["facility"]
    assert hospital.rows(
        "select distinct verdict, held_facilities from ops.gate_decision"
    ) == [("HOLD", [held])]
    assert held not in {facility for _, facility, _ in posted_ledger(hospital)}
    for relation in ("conformed.fct_encounter", "marts.service_line_profitability"):
        seen = hospital.rows(f"select distinct facility_code from {relation}")
        assert (held,) not in seen


def test_what_no_fault_touches_is_posted_as_if_nothing_had_happened(tainted):
    hospital, faults = tainted
    held = faults["drop_charges"]["facility"]
    remittance = faults["unbalanced_835"]["facility"]
    unknown = faults["unknown_payer"]["facility"]
    answered = ("cash_receipt", "remittance_adjustment")
    off = {(kind, where) for kind, where, _ in differing(hospital) if where != held}
    assert ("patient_revenue", unknown) in off
    assert off <= {
        (kind, facility)
        for kind in ("patient_revenue", *answered)
        for facility in (unknown, remittance)
    }


def test_a_replacement_waits_for_the_reversal_that_a_refused_835_tells(tainted):
    hospital, faults = tainted
    fault = faults["unbalanced_835"]
    key = ("patient_revenue", fault["facility"], "11200")
    standing = posted_ledger(hospital)[key] - truth_ledger(hospital)[key]
    assert standing == Decimal(fault["standing_amount"]) > 0


def test_claims_sent_twice_are_counted_once(tainted):
    hospital, faults = tainted
    held = faults["drop_charges"]["facility"]
    gross = sum(
        Decimal(row["charge_amount"])
        for row in hospital.truth("charge")
        if row["facility_code"] != held
    )
    for relation, column in (
        ("conformed.fct_charge", "charge_amount"),
        ("marts.service_line_profitability", "gross_charge_amount"),
    ):
        seen = hospital.value(f"select sum({column}) from {relation}")
        assert seen == gross + Decimal(faults["unbalanced_835"]["standing_amount"])


def test_a_payer_nobody_knows_stays_in_the_totals_and_its_entries_wait(tainted):
    hospital, faults = tainted
    fault = faults["unknown_payer"]
    charges = Decimal(fault["charge_amount"])
    assert charges <= hospital.value(
        "select sum(gross_charge_amount) from marts.service_line_profitability "
        "where payer_class = 'unmapped'"
    )
    assert hospital.rows(
        "select distinct state from post.entry where hold_class <> ''"
    ) == [("HELD",)]
    key = ("patient_revenue", fault["facility"], "11200")
    full, posted = truth_ledger(hospital), posted_ledger(hospital)
    assert full[key] - posted[key] >= charges


def test_an_835_that_does_not_balance_is_quarantined_whole(tainted):
    hospital, faults = tainted
    fault = faults["unbalanced_835"]
    refused = hospital.rows(
        "select locator from ops.quarantined_record where class = 'UNBALANCED'"
    )
    assert len(refused) == 1
    assert fault["files"][0] in refused[0][0]
    held = faults["drop_charges"]["facility"]
    payments = [r for r in hospital.truth("payment") if r["facility_code"] != held]
    paid = by(payments, ("trace_number",), "paid_amount")
    lost = paid.pop((fault["trace_number"],))
    assert lost
    seen = hospital.value("select sum(paid_amount) from conformed.fct_payment")
    assert seen == sum(paid.values())
