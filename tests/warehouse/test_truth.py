"""The built warehouse tells what the sandbox hospital did, to the cent."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal, InvalidOperation

import pytest

pytestmark = pytest.mark.integration

PROFITABILITY_KEY = (
    *("service_month", "facility_code", "service_line_code", "payer_class"),
)
MONEY = (
    *("gross_charge_amount", "contractual_amount", "denial_amount"),
    *("other_adjustment_amount", "patient_share_amount", "paid_amount"),
    *(
        "estimated_concession_amount",
        "net_revenue_amount",
        "unadjudicated_gross_amount",
    ),
    "accrued_net_revenue_amount",
    *("labor_cost", "supply_cost", "implant_cost", "drug_cost"),
    *("other_direct_cost", "overhead_cost", "variable_cost"),
)
COSTS = MONEY[-7:-1]
LADDER = (
    *("net_revenue_amount", "total_cost", "variable_cost"),
    "operating_margin_amount",
)
VOLUME = ("encounter_count", "discharge_count", "drg_weight_total")


def plain(value):
    """A number for what reads as one, else text; nothing is ''."""
    if value is None or value == "":
        return ""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return str(value).lower() if isinstance(value, bool) else str(value)


def keyed(rows, key, columns):
    picked = {
        tuple(str(row[name] or "") for name in key): {
            name: plain(row[name]) for name in columns
        }
        for row in rows
    }
    assert len(picked) == len(rows)
    return picked


def assert_equal(found, true, key, columns):
    found, true = keyed(found, key, columns), keyed(true, key, columns)
    assert found.keys() == true.keys()
    differences = {
        name: [k for k in true if found[k][name] != true[k][name]][:3]
        for name in columns
    }
    assert not {name: keys for name, keys in differences.items() if keys}


def renamed(rows, **names):
    return [{**row, **{new: row[old] for new, old in names.items()}} for row in rows]


def test_service_line_profitability_is_the_truth_in_every_column(built_warehouse):
    found = built_warehouse.rows(
        "select * from candidate_marts.service_line_profitability"
    )
    true = built_warehouse.true_rows("service_line_profitability")
    assert_equal(found, true, PROFITABILITY_KEY, (*VOLUME, *MONEY))


@pytest.mark.parametrize(
    ("dimension", "column"),
    [
        ("facility", "facility_code"),
        ("service_line", "service_line_code"),
        ("payer_class", "payer_class"),
    ],
)
def test_the_margin_ladder_adds_the_truth_up(built_warehouse, dimension, column):
    found = built_warehouse.rows(
        "select * from candidate_marts.margin_ladder "
        f"where dimension_name = '{dimension}' and dimension_code <> 'transplant'"
    )
    true = defaultdict(Counter)
    for row in built_warehouse.true_rows("service_line_profitability"):
        key = row["service_month"], row["facility_code"], row[column]
        cost = sum(Decimal(row[name]) for name in COSTS)
        net = Decimal(row["net_revenue_amount"])
        true[key].update(
            {
                "discharge_count": int(row["discharge_count"]),
                "net_revenue_amount": net,
                "total_cost": cost,
                "variable_cost": Decimal(row["variable_cost"]),
                "operating_margin_amount": net - cost,
            }
        )
    assert len(found) == len(true)
    for row in found:
        key = str(row["service_month"]), row["facility_code"], row["dimension_code"]
        for name in (*LADDER, "discharge_count"):
            assert row[name] == true[key][name], (key, name)
        before = true.get((month_before(row["service_month"]), *key[1:]))
        for name in ("net_revenue_amount", "total_cost", "operating_margin_amount"):
            assert row[f"prior_{name}"] == (before[name] if before else None)


def month_before(month):
    return str((month - timedelta(days=1)).replace(day=1))


def test_cases_of_every_drg_and_provider_are_in_the_margin_ladder(built_warehouse):
    for dimension in ("ms_drg", "provider"):
        found = built_warehouse.value(
            "select sum(operating_margin_amount) from candidate_marts.margin_ladder "
            f"where dimension_name = '{dimension}'"
        )
        known = built_warehouse.value(
            "select sum(operating_margin_amount) from candidate_marts.encounter_margin"
        )
        assert found == known


def test_encounter_margin_is_the_truth_of_every_encounter(built_warehouse):
    found = built_warehouse.rows(
        "select margin.* from candidate_marts.encounter_margin as margin "
        "inner join candidate_conformed.fct_encounter using (encounter_id) "
        "where has_fhir"
    )
    true = built_warehouse.true_rows("encounter")
    columns = ("facility_code", "department_code", "service_line_code", "payer_class")
    assert_equal(found, true, ("encounter_id",), (*columns, *MONEY))


def test_every_charge_has_the_cost_center_and_cost_of_the_truth(built_warehouse):
    found = built_warehouse.rows("""
        select
            charge.*,
            coalesce(cost.labor, 0) / 100 as labor_cost,
            coalesce(cost.other_direct, 0) / 100 as other_direct_cost,
            coalesce(cost.overhead, 0) / 100 as overhead_cost
        from candidate_conformed.fct_charge as charge
        left join (
            select
                charge_id,
                sum(allocated_cents) filter (where cost_component = 'labor') as labor,
                sum(allocated_cents) filter (where cost_component = 'other_direct')
                    as other_direct,
                sum(allocated_cents) filter (where cost_component = 'overhead')
                    as overhead
            from intermediate.int_charge_cost__allocated
            group by charge_id
        ) as cost on charge.charge_id = cost.charge_id
    """)
    columns = (
        *("claim_id", "facility_code", "service_date", "cost_center_code"),
        *("cost_method", "service_line_code", "payer_class", "charge_amount"),
        *("labor_cost", "other_direct_cost", "overhead_cost"),
    )
    true = built_warehouse.true_rows("charge")
    assert_equal(found, true, ("charge_id",), columns)


def test_every_claim_is_answered_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows("select * from candidate_conformed.fct_claim")
    true = renamed(
        built_warehouse.true_rows("claim"), gross_charge_amount="charge_amount"
    )
    columns = (
        *("facility_code", "encounter_id", "payer_code", "is_adjudicated"),
        *("line_count", "gross_charge_amount", "contractual_amount", "denial_amount"),
        *("other_adjustment_amount", "patient_share_amount", "paid_amount"),
    )
    assert_equal(found, true, ("claim_id",), columns)


def test_payments_and_provider_adjustments_are_kept_apart(built_warehouse):
    paid = built_warehouse.value(
        "select sum(paid_amount) from candidate_conformed.fct_payment"
    )
    adjusted = built_warehouse.value(
        "select sum(adjustment_amount) from candidate_conformed.fct_provider_adjustment"
    )
    assert paid == built_warehouse.true_sum("payment", "paid_amount")
    assert adjusted == built_warehouse.true_sum("provider_adjustment", "amount")


def test_every_supply_usage_is_costed_and_stored_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows("select * from candidate_conformed.fct_supply_usage")
    true = renamed(
        built_warehouse.true_rows("supply_usage"),
        supply_usage_id="usage_id",
        stock_location_code="location_code",
        supply_cost="cost_amount",
    )
    columns = (
        *("encounter_id", "facility_code", "item_code", "lot_number", "quantity"),
        *("stock_location_code", "cost_center_code", "service_line_code"),
        *("payer_class", "supply_cost", "usage_date"),
    )
    assert_equal(found, true, ("supply_usage_id",), columns)


def test_cost_without_charges_is_unallocated_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows(
        "select * from candidate_conformed.fct_cost_exception "
        "where cost_method = 'unallocated'"
    )
    true = built_warehouse.true_rows("unallocated_cost")
    key = ("service_month", "facility_code", "cost_center_code", "cost_component")
    assert_equal(found, true, (*key, "exception_reason"), ("cost_amount",))


def test_journal_lines_are_the_true_ledger(built_warehouse):
    found = built_warehouse.rows("select * from candidate_outbound.out_journal_line")
    key = (
        *("document_kind", "facility_code", "posting_date", "account_code"),
        *("cost_center_code", "service_line_code"),
    )
    free = [row for row in found if not row["hold_class"]]
    assert_equal(free, built_warehouse.true_rows("ledger"), key, ("amount",))
    held = [row for row in found if row["hold_class"]]
    true = built_warehouse.true_rows("held_ledger")
    assert_equal(held, true, ("hold_class", *key), ("amount",))


def test_stock_issues_are_the_true_issues_of_every_lot(built_warehouse):
    found = built_warehouse.rows("""
        select location_code, item_code, lot_number, sum(quantity) as issued
        from candidate_outbound.out_stock_issue_line
        group by location_code, item_code, lot_number
    """)
    stock = built_warehouse.true_rows("stock")
    true = [row for row in stock if Decimal(row["issued"])]
    key = ("location_code", "item_code", "lot_number")
    assert_equal(found, true, key, ("issued",))


def test_readers_find_no_patient_in_the_conformed_layer(built_warehouse):
    known = built_warehouse.value(
        "select count(distinct patient_key) from candidate_conformed.dim_patient"
    )
    columns = built_warehouse.rows(
        "select column_name from information_schema.columns "
        "where table_schema = 'candidate_conformed' and table_name = 'dim_patient'"
    )
    assert known > 0
    assert {row["column_name"] for row in columns} == {
        *("patient_key", "administrative_gender", "birth_year"),
    }
