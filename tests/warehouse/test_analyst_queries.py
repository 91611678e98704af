"""The questions of docs/analyst_queries.md, asked as an analyst, against the truth."""

import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import psycopg
import pytest

from tests.warehouse.publishing import SNAPSHOTS

pytestmark = pytest.mark.integration
PAGE = Path(__file__).parents[2] / "docs" / "analyst_queries.md"
QUESTION = re.compile(r"^## (.+?)$.*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)
QUESTIONS = dict(QUESTION.findall(PAGE.read_text(encoding="utf-8")))
COSTS = (
    *("supply_cost", "implant_cost", "drug_cost"),
    *("labor_cost", "other_direct_cost", "overhead_cost"),
)


@pytest.fixture
def ask(published_warehouse):
    """Ask the one question whose title has these words, with psql's variables."""

    def asked(words, **variables):
        [text] = [sql for title, sql in QUESTIONS.items() if words in title]
        for name, value in variables.items():
            text = text.replace(f":'{name}'", f"'{value}'")
            text = re.sub(rf"(?<!:):{name}\b", str(value), text)
        return published_warehouse.ask(text)

    return asked


def rounded(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def sums(rows, key, *columns):
    """Sum columns of rows by key, as Decimals."""
    found = defaultdict(lambda: [Decimal()] * len(columns))
    for row in rows:
        place = tuple(str(row[name] or "") for name in key)
        found[place] = [
            total + Decimal(row[name] or 0)
            for total, name in zip(found[place], columns, strict=True)
        ]
    return dict(found)


def test_there_are_ten_questions():
    assert len(QUESTIONS) == 10


def test_an_analyst_can_only_read_and_only_what_was_granted(published_warehouse):
    for forbidden in (
        "select 1 from published.conformed__fct_charge",
        "select 1 from candidate_conformed.fct_charge",
        "select 1 from raw_billing.record",
        "delete from marts.encounter_margin",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            published_warehouse.ask(forbidden)


def test_margin_by_service_line_and_payer(ask, built_warehouse):
    key = ("service_line_code", "payer_class")
    found = ask("earn money")
    true = built_warehouse.true_rows("service_line_profitability")
    revenue = sums(true, key, "net_revenue_amount", "variable_cost", *COSTS)
    assert len(found) == len(revenue)
    for row in found:
        net, variable, *costs = revenue[row["service_line_code"], row["payer_class"]]
        assert row["net_revenue_amount"] == net
        assert row["contribution_margin_amount"] == net - variable
        assert row["operating_margin_amount"] == net - sum(costs)
        margin = rounded((net - sum(costs)) / net, 4) if net else None
        assert row["operating_margin_rate"] == margin
    earned = [row["operating_margin_amount"] for row in found]
    assert earned == sorted(earned, reverse=True)


def test_a_month_as_it_was_published_then(ask, published_warehouse):
    columns = ("gross_charge_amount", "net_revenue_amount", "operating_margin_amount")
    for done, schema in zip(
        (published_warehouse.first, published_warehouse.second), SNAPSHOTS, strict=True
    ):
        kept = published_warehouse.rows(
            f"select * from {schema}.marts__service_line_profitability"
        )
        month = min(row["service_month"] for row in kept)
        found = ask("as published then", month=month, moment=done.published_at)
        then = [row for row in kept if row["service_month"] == month]
        assert sums(found, ("service_line_code",), *columns) == sums(
            then, ("service_line_code",), *columns
        )


def test_a_bridge_between_two_publications(ask, published_warehouse):
    key = ("service_line_code", "payer_class")
    totals = [
        sums(
            published_warehouse.rows(
                f"select * from {schema}.marts__service_line_profitability"
            ),
            key,
            "net_revenue_amount",
        )
        for schema in SNAPSHOTS
    ]
    moved = {
        place: totals[1].get(place, [0])[0] - totals[0].get(place, [0])[0]
        for place in {*totals[0], *totals[1]}
    }
    found = ask(
        "moved net revenue",
        before=published_warehouse.first.publication_id,
        after=published_warehouse.second.publication_id,
    )
    told = {tuple(row[name] for name in key): row["moved_amount"] for row in found}
    assert {k: v for k, v in told.items() if v} == {k: v for k, v in moved.items() if v}
    assert any(told.values())


def test_denials_by_dollars(ask, built_warehouse):
    key = ("group_code", "reason_code", "denial_cause")
    columns = ("initial_denial_amount", "overturned_amount", "standing_denial_amount")
    found = ask("deny")
    assert sums(found, key, *columns) == sums(
        built_warehouse.true_rows("denial"), key, *columns
    )
    denied = [row["initial_denial_amount"] for row in found]
    assert denied == sorted(denied, reverse=True)


def test_payers_below_their_contract(ask, built_warehouse):
    key = ("payer_code", "contract_code")
    columns = ("underpaid_claim_count", "underpaid_amount")
    true = [
        row
        for row in built_warehouse.true_rows("reimbursement")
        if row["expectation_method"] == "contract"
    ]
    short = {k: v for k, v in sums(true, key, *columns).items() if v[0]}
    assert sums(ask("less than their contract"), key, *columns) == short
    assert short


def test_days_until_the_money_comes(ask, built_warehouse):
    true = defaultdict(dict)
    for row in built_warehouse.true_rows("revenue_cycle_kpi"):
        if row["facility_code"] == "*" and row["metric_value"]:
            true[row["kpi_month"]][row["metric_code"]] = Decimal(row["metric_value"])
    found = ask("wait for our money")
    assert {str(row["kpi_month"]) for row in found} >= true.keys()
    for row in found:
        for metric in ("net_days_in_ar", "dnfb_days", "charge_lag_median"):
            assert row[metric] == true[str(row["kpi_month"])].get(metric)
    assert any(row["net_days_in_ar"] for row in found)


def test_the_cost_of_a_case(ask, built_warehouse):
    true = sums(
        built_warehouse.true_rows("service_line_profitability"),
        ("facility_code",),
        *("discharge_count", "drg_weight_total", *COSTS),
    )
    found = ask("cost, and is it only")
    assert found
    for row in found:
        discharges, weights, *costs = true[row["facility_code"],]
        assert row["discharge_count"] == discharges
        assert row["cmi"] == rounded(weights / discharges, 4)
        assert row["cost_per_case"] == rounded(sum(costs) / discharges, 2)
        adjusted = rounded(sum(costs) / weights, 2)
        assert row["cost_per_case_cmi_adjusted"] == adjusted


def test_implants_by_surgeon(ask, built_warehouse):
    found = ask("surgeon")
    items = {row["item_code"] for row in found}
    true = [
        row
        for row in built_warehouse.true_rows("supply_usage")
        if row["item_code"] in items and row["encounter_id"]
    ]
    usage = sums(true, ("item_code",), "quantity", "cost_amount")
    assert sums(found, ("item_code",), "used_quantity", "supply_cost") == usage
    cases = defaultdict(set)
    for row in true:
        cases[row["item_code"]].add(row["encounter_id"])
    for item, encounters in cases.items():
        told = [row["case_count"] for row in found if row["item_code"] == item]
        assert sum(told) == len(encounters)
    assert len({row["provider_id"] for row in found}) > 1


def test_codes_that_nobody_mapped(ask):
    [row] = ask("nobody mapped")
    assert (row["code_set"], row["native_code"]) == ("payer", "N7")
    assert row["touched_amount"] == Decimal("123.45")


def test_a_figure_down_to_its_bytes(ask, published_warehouse, built_warehouse):
    [cell, *_] = published_warehouse.ask(
        "select * from marts.service_line_profitability "
        "where gross_charge_amount > 0 order by gross_charge_amount desc limit 1"
    )
    found = ask(
        "figure come from",
        month=cell["service_month"],
        facility=cell["facility_code"],
        service_line=cell["service_line_code"],
        payer_class=cell["payer_class"],
    )
    assert sum(row["charge_amount"] for row in found) == cell["gross_charge_amount"]
    charged = {
        row["charge_id"]: Decimal(row["charge_amount"])
        for row in built_warehouse.true_rows("charge")
    }
    assert {row["charge_id"]: row["charge_amount"] for row in found}.items() <= (
        charged.items()
    )
    assert all(row["record_id"] for row in found)
    billed = [row for row in found if row["byte_offset"] is not None]
    assert billed
    records = {row["record_id"] for row in billed}
    [known] = built_warehouse.rows(
        "select count(*) from raw_billing.record "
        f"where record_id in ({', '.join(map(str, records))})"
    )
    assert known["count"] == len(records)
