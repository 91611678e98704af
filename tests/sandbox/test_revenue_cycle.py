"""The truth of denials, metrics and contracts adds up to the hospital's own."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox.life_cycle.adjudication import HIGHEST_PAYMENT, case_rate
from sandbox.money import basis_points
from sandbox.truth.expectation import as_of, setting


def total(rows, column):
    return sum(Decimal(row[column]) for row in rows)


def test_what_stands_of_denials_is_what_claims_were_denied(table):
    rows = table("truth/denial")
    roots = table("truth/claim_root")
    assert total(rows, "standing_denial_amount") == total(roots, "denial_amount")
    told = ("overturned", "withdrawn", "written_off", "open")
    became = sum(total(rows, f"{name}_amount") for name in told)
    assert total(rows, "initial_denial_amount") == became
    states = {row["denial_state"] for row in rows}
    assert states == {
        *("open", "overturned", "partly_overturned", "withdrawn", "written_off"),
    }


def test_reimbursement_adds_up_to_the_claims(table):
    rows, claims = table("truth/reimbursement"), table("truth/claim")
    gross = total(rows, "gross_charge_amount") + total(rows, "open_gross_charge_amount")
    assert gross == total(claims, "charge_amount")
    assert total(rows, "paid_amount") == total(claims, "paid_amount")
    allowed = total(rows, "expected_amount") + total(rows, "variance_amount")
    assert allowed == total(rows, "allowed_amount")
    assert total(rows, "underpaid_amount") > 0
    counted = total(rows, "adjudicated_claim_count") + total(rows, "open_claim_count")
    assert counted == len(claims)


def test_a_transferred_patient_brings_less_than_the_drg_rate(hospital):
    moved = {
        submission.claim_id: submission
        for course in hospital.courses
        for submission in course.submissions
        if course.claim.encounter.stay
        and course.claim.encounter.stay.disposition == "02"
        and setting(course) == "inpatient"
        and submission.payer.inpatient_method == "drg"
    }
    assert moved
    lower = 0
    for submission in moved.values():
        full = submission.encounter.stay.drg.weight * submission.payer.inpatient_rate
        assert case_rate(submission) <= full + 1
        lower += case_rate(submission) < full - 1
    assert lower


def test_undenied_claims_of_a_contract_on_file_are_mostly_paid_as_it_says(table):
    rows = [
        row
        for row in table("truth/reimbursement")
        if row["expectation_method"] == "contract"
    ]
    short, paid = Counter(), Counter()
    for row in rows:
        short[row["setting"]] += int(row["underpaid_claim_count"])
        paid[row["setting"]] += int(row["adjudicated_claim_count"])
    assert set(paid) == {"inpatient", "outpatient", "professional"}
    assert all(short[name] * 10 < paid[name] for name in paid)


def test_a_stay_is_never_paid_more_than_the_cap(hospital):
    for remittance in hospital.remittances:
        for decision in remittance.decisions:
            sent = decision.submission
            is_capped = sent.payer.inpatient_method in {"drg", "per_diem"}
            if is_capped and sent.encounter.is_inpatient and sent.kind == "I":
                assert decision.paid <= basis_points(sent.charge, HIGHEST_PAYMENT)


def test_contracts_are_on_file_for_some_payers_only(table):
    with_terms = {row["payer_code"] for row in table("reference/payer_contract")}
    payers = {row["payer_code"] for row in table("reference/payer")}
    assert payers - with_terms == {"CHIP", "EMPLOYER"}


def test_rates_are_pooled_over_the_facilities(table):
    rows = table("truth/revenue_cycle_kpi")
    parts = [row for row in rows if row["metric_code"] == "initial_denial_rate_claims"]
    for month in {row["kpi_month"] for row in parts}:
        [whole] = [
            row
            for row in parts
            if row["kpi_month"] == month and row["facility_code"] == "*"
        ]
        single = [
            row
            for row in parts
            if row["kpi_month"] == month and row["facility_code"] != "*"
        ]
        assert len(single) == 3
        for column in ("numerator", "denominator"):
            assert total(single, column) == Decimal(whole[column])


@pytest.mark.parametrize("metric", ["initial_denial_rate_claims", "payer_yield"])
def test_young_claims_are_in_no_rate(table, hospital, metric):
    last = (as_of(hospital) - timedelta(days=60)).replace(day=1)
    months = {
        row["kpi_month"]
        for row in table("truth/revenue_cycle_kpi")
        if row["metric_code"] == metric
    }
    assert max(months) == last.isoformat()
