"""Versions of the cost model move cost between service lines, and make none."""

import pytest

pytestmark = pytest.mark.integration


def test_each_step_moves_what_the_version_does_otherwise_and_nothing_else(
    built_warehouse,
):
    moved = {
        (row["cost_model_code"], row["step_name"]): (row["moved"], row["made"])
        for row in built_warehouse.rows("""
            select
                cost_model_code,
                step_name,
                sum(abs(difference_amount)) as moved,
                sum(difference_amount) as made
            from candidate_marts.cost_model_difference
            group by cost_model_code, step_name
        """)
    }
    assert {made for _, made in moved.values()} == {0}
    assert moved["other_overhead", "overhead"][0] > 0
    assert moved["other_overhead", "charge_costing"][0] == 0
    assert moved["by_charge", "charge_costing"][0] > 0


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
