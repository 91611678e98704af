"""Versions of the cost model move cost between service lines, and make none."""

from collections import defaultdict
from decimal import Decimal

import pytest

pytestmark = pytest.mark.integration


def test_each_step_moves_what_the_version_does_otherwise_and_nothing_else(
    built_warehouse,
):
    rows = built_warehouse.rows("""
        select
            cost_model_code,
            step_name,
            sum(abs(difference_amount)) > 0 as is_moved,
            sum(abs(variable_difference_amount)) > 0 as is_varying,
            sum(difference_amount) as made,
            sum(variable_difference_amount) as made_variable
        from candidate_marts.cost_model_difference
        where step_name <> 'encounter'
        group by cost_model_code, step_name
    """)
    assert {row["made"] for row in rows} == {0}
    moved = defaultdict(set)
    for row in rows:
        if row["is_moved"]:
            moved[row["cost_model_code"]].add(row["step_name"])
    assert moved == {
        "other_overhead": {"allocation_method"},
        "by_charge": {"allocation_method", "charge_costing"},
        "next_year": {"allocation_method", "allocation_order", "allocation_basis"},
    }
    varying = {
        (row["cost_model_code"], row["step_name"]): row["made_variable"]
        for row in rows
        if row["is_varying"]
    }
    assert varying.keys() == {
        ("by_charge", "charge_costing"),
        ("next_year", "variable_rate"),
    }
    assert varying["by_charge", "charge_costing"] == 0
    assert varying["next_year", "variable_rate"] > 0


def test_every_service_line_costs_by_a_version_what_the_truth_says(built_warehouse):
    def keyed(rows):
        return {
            (
                *(row["facility_code"], str(row["service_month"])),
                *(row["service_line_code"], row["cost_model_code"]),
            ): (Decimal(row["cost_amount"]), Decimal(row["variable_cost"]))
            for row in rows
        }

    found = keyed(
        built_warehouse.rows("""
            select *
            from candidate_marts.cost_model_difference
            where step_name = 'variable_rate'
        """)
    )
    true = keyed(built_warehouse.true_rows("cost_model"))
    assert {key[3] for key in true} == {"other_overhead", "by_charge", "next_year"}
    assert {key: row for key, row in found.items() if any(row)} == {
        key: row for key, row in true.items() if any(row)
    }


def test_the_state_that_counts_is_the_cost_of_encounters_but_for_rounding(
    built_warehouse,
):
    """Of a pool, every charge of a service line may be a cent above or below."""
    far = built_warehouse.rows("""
        select *
        from candidate_marts.cost_model_difference
        inner join (
            select service_month, facility_code, service_line_code, count(*) as charges
            from candidate_conformed.fct_charge
            group by service_month, facility_code, service_line_code
        ) as charged using (service_month, facility_code, service_line_code)
        where step_name = 'encounter' and abs(difference_amount) > 0.01 * charges
    """)
    assert far == []
