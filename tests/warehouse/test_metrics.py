"""The metrics of the semantic models are the figures of the marts and of the truth."""

import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.dbt_manifest import PROJECT, parsed_manifest
from tests.warehouse.metric_sql import Metrics

pytestmark = pytest.mark.integration

with (PROJECT / "seeds" / "metric_definition.csv").open(encoding="utf-8") as file:
    KPIS = [row["metric_code"] for row in csv.DictReader(file)]


def parts(*names):
    return lambda row: sum(Decimal(row[name]) for name in names)


ITEMS = ("supply_cost", "implant_cost", "drug_cost")
DIRECT = ("labor_cost", "other_direct_cost")
TRUE_SUMS = {
    "discharges": parts("discharge_count"),
    "completed_encounters": parts("encounter_count"),
    "gross_charges": parts("gross_charge_amount"),
    "contractual_adjustments": parts("contractual_amount"),
    "denied_charges": parts("denial_amount"),
    "net_revenue": parts("net_revenue_amount"),
    "payer_payments": parts("paid_amount"),
    "accrued_net_revenue": parts("accrued_net_revenue_amount"),
    "estimated_concession": parts("estimated_concession_amount"),
    "variable_cost": parts("variable_cost"),
    "total_cost": parts(*ITEMS, *DIRECT, "overhead_cost"),
    "contribution_margin": lambda row: (
        parts("net_revenue_amount")(row) - parts("variable_cost")(row)
    ),
    "direct_margin": lambda row: (
        parts("net_revenue_amount")(row) - parts(*ITEMS, *DIRECT)(row)
    ),
    "operating_margin": lambda row: (
        parts("net_revenue_amount")(row) - parts(*ITEMS, *DIRECT, "overhead_cost")(row)
    ),
}
TRUE_RATIOS = {
    "contribution_margin_rate": ("contribution_margin", "net_revenue"),
    "operating_margin_rate": ("operating_margin", "net_revenue"),
    "cost_per_case": ("total_cost", "discharges"),
}
TRUE_REIMBURSEMENT = {
    "expected_payment": "expected_amount",
    "allowed_payment": "allowed_amount",
    "underpaid_amount": "underpaid_amount",
    "underpaid_claims": "underpaid_claim_count",
}


@pytest.fixture(scope="module")
def metrics():
    return Metrics(parsed_manifest())


def values(built_warehouse, query, by=()):
    return {
        (str(row["month"] or ""), *(row[name] for name in by)): row["value"]
        for row in built_warehouse.rows(query)
    }


@pytest.mark.parametrize("code", KPIS)
def test_a_metric_of_the_revenue_cycle_is_the_figure_of_its_mart(
    built_warehouse, metrics, code
):
    """By facility, and of all facilities together; a rate needs a positive base."""
    for by, all_facilities in ((("facility_code",), False), ((), True)):
        found = values(built_warehouse, metrics.sql(code, by), by)
        known = values(
            built_warehouse,
            f"select kpi_month as month, facility_code, metric_value as value "
            f"from candidate_marts.revenue_cycle_kpi where metric_code = '{code}' "
            f"and (facility_code = '*') = {all_facilities} "
            "and (denominator > 0 or denominator is null)",
            by,
        )
        assert known
        assert {key: rounded(found[key]) for key in known} == known


def rounded(value):
    if value is None:
        return None
    return Decimal(value).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def by_month(rows, measure):
    sums = defaultdict(Decimal)
    for row in rows:
        sums[row["service_month"],] += measure(row)
    return sums


@pytest.mark.parametrize("name", TRUE_SUMS)
def test_a_sum_of_the_margin_ladder_is_the_truth(built_warehouse, metrics, name):
    true = built_warehouse.true_rows("service_line_profitability")
    found = values(built_warehouse, metrics.sql(name))
    assert found == by_month(true, TRUE_SUMS[name])


@pytest.mark.parametrize("name", TRUE_RATIOS)
def test_a_ratio_of_the_margin_ladder_is_the_truth(built_warehouse, metrics, name):
    true = built_warehouse.true_rows("service_line_profitability")
    above, below = (by_month(true, TRUE_SUMS[part]) for part in TRUE_RATIOS[name])
    found = values(built_warehouse, metrics.sql(name))
    assert found.keys() == above.keys()
    assert {key: rounded(value) for key, value in found.items()} == {
        key: rounded(above[key] / below[key]) if below[key] else None for key in above
    }


@pytest.mark.parametrize("name", TRUE_REIMBURSEMENT)
def test_a_sum_of_the_reimbursement_is_the_truth(built_warehouse, metrics, name):
    true = built_warehouse.true_rows("reimbursement")
    found = values(built_warehouse, metrics.sql(name))
    assert found == by_month(true, parts(TRUE_REIMBURSEMENT[name]))


def test_every_metric_can_be_asked_by_facility(built_warehouse, metrics):
    for name in metrics.metrics:
        assert built_warehouse.rows(metrics.sql(name, ("facility_code",))), name
