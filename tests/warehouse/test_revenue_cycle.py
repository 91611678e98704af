"""Denials, metrics and reimbursement are those of the sandbox hospital, row by row."""

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.warehouse.test_truth import assert_equal, keyed, plain

pytestmark = pytest.mark.integration

DENIED_BY = ("facility_code", "payer_code", "denial_cause")
KPI_KEY = ("kpi_month", "facility_code", "metric_code")
REIMBURSEMENT_KEY = (
    *("payer_code", "payer_class", "contract_code", "setting"),
    *("service_line_code", "service_month", "facility_code"),
)


def found_in(warehouse, name):
    return warehouse.rows(f"select * from candidate_marts.{name}")


def others(rows, key):
    return [name for name in rows[0] if name not in key]


def test_every_denial_is_the_truth_in_every_column(built_warehouse):
    true = built_warehouse.true_rows("denial")
    key = ("claim_id", "payer_sequence")
    assert_equal(found_in(built_warehouse, "denials"), true, key, others(true, key))
    assert {row["denial_state"] for row in true} == {
        *("open", "overturned", "partly_overturned", "withdrawn", "written_off"),
    }


def test_every_denial_names_the_record_that_says_so(built_warehouse):
    lost = built_warehouse.value("""
        select count(*)
        from candidate_marts.denials as denial
        left join candidate_conformed.fct_payment as payment using (payment_id)
        where denial.record_id is distinct from payment.record_id
    """)
    assert lost == 0


def test_every_metric_of_every_month_and_facility_is_the_truth(built_warehouse):
    found = found_in(built_warehouse, "revenue_cycle_kpi")
    true = built_warehouse.true_rows("revenue_cycle_kpi")
    columns = others(true, KPI_KEY)
    assert_equal(found, true, KPI_KEY, columns)
    defined = built_warehouse.rows("select * from candidate_conformed.dim_metric")
    assert {row["metric_code"] for row in found} == {
        row["metric_code"] for row in defined
    }
    assert all(row["definition"] and row["definition_source"] for row in defined)


def test_every_payer_contract_and_service_line_is_reimbursed_as_in_the_truth(
    built_warehouse,
):
    found = found_in(built_warehouse, "reimbursement")
    true = built_warehouse.true_rows("reimbursement")
    columns = others(true, REIMBURSEMENT_KEY)
    assert_equal(found, true, REIMBURSEMENT_KEY, columns)
    methods = {row["expectation_method"] for row in true}
    assert methods == {"contract", "capitation", "payer_yield"}


def test_what_a_payer_took_back_and_lowered_is_underpaid(built_warehouse):
    lowered = {
        row["claim_id"]
        for row in built_warehouse.true_rows("claim_root")
        if row["path"] == "corrected_by_payer"
    }
    short = built_warehouse.rows("""
        select expected.claim_id, expected.expected_amount, outcome.allowed_amount
        from candidate_conformed.fct_expected_revenue as expected
        inner join candidate_marts.claim_outcome as outcome using (claim_id)
        where expected.expectation_method = 'contract' and outcome.is_adjudicated
    """)
    priced = {row["claim_id"]: row for row in short}
    assert lowered & priced.keys()
    for claim_id in lowered & priced.keys():
        row = priced[claim_id]
        assert row["allowed_amount"] < row["expected_amount"]


def test_what_nobody_answered_is_net_revenue_at_what_is_expected(built_warehouse):
    [totals] = built_warehouse.rows("""
        select
            sum(accrued_net_revenue_amount) as accrued,
            sum(estimated_concession_amount) as conceded,
            sum(unadjudicated_gross_amount) as gross,
            sum(net_revenue_amount) as net
        from candidate_marts.service_line_profitability
    """)
    realised = built_warehouse.value("""
        select sum(claim.gross_charge_amount - claim.contractual_amount
            - claim.denial_amount - claim.other_adjustment_amount)
        from candidate_conformed.fct_claim as claim where claim.is_adjudicated
    """)
    strays = built_warehouse.value("""
        select -sum(adjustment_amount)
        from candidate_conformed.fct_remittance_adjustment
        where not is_passed_on
            and adjustment_category in ('contractual', 'denial', 'other')
            and (claim_id is null or claim_id not in (
                select claim_id from candidate_conformed.fct_claim where is_adjudicated
            ))
    """)
    assert not built_warehouse.value(
        "select count(*) from candidate_conformed.fct_charge where not is_billed"
    )
    true = built_warehouse.true_sum(
        "service_line_profitability", "accrued_net_revenue_amount"
    )
    assert totals["accrued"] == true
    assert 0 < totals["accrued"] < totals["gross"]
    assert totals["accrued"] + totals["conceded"] == totals["gross"]
    assert totals["net"] == realised + (strays or 0) + totals["accrued"]


def test_truth_covers_every_row_once(built_warehouse):
    true = built_warehouse.true_rows("revenue_cycle_kpi")
    rows = keyed(true, KPI_KEY, ("metric_value",))
    assert len(rows) == len(true)
    unknown = [key for key, row in rows.items() if plain(row["metric_value"]) == ""]
    assert {metric for _, _, metric in unknown} <= {
        *("overturn_rate", "cmi", "adjusted_discharges", "adjusted_patient_days"),
        *("cmi_adjusted_discharges", "outpatient_factor"),
    }


def test_denials_by_what_was_out_of_step_are_every_denial_once(built_warehouse):
    true = defaultdict(lambda: (0, Decimal(0), Decimal(0)))
    for row in built_warehouse.true_rows("denial"):
        key = (row["denied_date"][:7], *(row[name] for name in DENIED_BY))
        count, initial, standing = true[key]
        true[key] = (
            count + 1,
            initial + Decimal(row["initial_denial_amount"]),
            standing + Decimal(row["standing_denial_amount"]),
        )
    found = built_warehouse.rows(
        "select to_char(denied_month, 'YYYY-MM') as month, facility_code, "
        "payer_code, denial_cause, sum(denial_count)::int as count, "
        "sum(initial_denial_amount) as initial, "
        "sum(standing_denial_amount) as standing "
        "from candidate_marts.synchronization_denial group by 1, 2, 3, 4"
    )
    assert true == {
        (row["month"], *(row[name] for name in DENIED_BY)): (
            row["count"],
            row["initial"],
            row["standing"],
        )
        for row in found
    }


def test_what_was_denied_as_late_was_sent_late(built_warehouse):
    late = [
        row
        for row in built_warehouse.true_rows("denial")
        if row["denial_cause"] == "timely_filing"
    ]
    [found] = built_warehouse.rows(
        "select sum(denial_count)::int as count, "
        "bool_and(is_avoidable) as is_avoidable "
        "from candidate_marts.synchronization_denial where gap = 'sent_late'"
    )
    assert found == {"count": len(late), "is_avoidable": True}
    assert late
