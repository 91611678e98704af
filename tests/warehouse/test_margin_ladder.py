"""The ladder's rows by DRG, and those with a budget, are the truth to the cent."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

pytestmark = pytest.mark.integration

DRG = (
    *("encounter_count", "discharge_count", "drg_weight_total"),
    *("net_revenue_amount", "variable_cost", "total_cost"),
)
AMOUNTS = (
    *("net_revenue_amount", "total_cost"),
    *("budget_net_revenue_amount", "budget_total_cost"),
)


def halves_up(value, unit):
    return value.quantize(Decimal(unit), ROUND_HALF_UP)


def keyed(rows, key, columns):
    return {
        tuple(str(row[name]) for name in key): {
            name: Decimal(row[name]) for name in columns
        }
        for row in rows
    }


def test_whole_cases_of_every_drg_have_the_true_volume_revenue_and_cost(
    built_warehouse,
):
    """What only HL7 v2 tells of has no known DRG, and is in nobody's truth."""
    found = built_warehouse.rows("""
        select
            mart.service_month,
            mart.facility_code,
            coalesce(mart.ms_drg, 'none') as ms_drg,
            sum(encounter.is_counted::integer) as encounter_count,
            sum(mart.net_revenue_amount) as net_revenue_amount,
            sum(mart.variable_cost) as variable_cost,
            sum(mart.net_revenue_amount - mart.operating_margin_amount) as total_cost
        from candidate_marts.encounter_margin as mart
        inner join candidate_conformed.fct_encounter as encounter using (encounter_id)
        where not encounter.has_fhir and mart.service_month is not null
        group by mart.service_month, mart.facility_code, coalesce(mart.ms_drg, 'none')
    """)
    key = ("service_month", "facility_code", "ms_drg")
    apart = keyed(found, key, [name for name in DRG if name in found[0]])
    ladder = built_warehouse.rows(
        "select *, dimension_code as ms_drg from candidate_marts.margin_ladder "
        "where dimension_name = 'ms_drg'"
    )
    found = keyed(ladder, key, DRG)
    for place, measures in apart.items():
        for name, amount in measures.items():
            found[place][name] -= amount
    true = keyed(built_warehouse.true_rows("margin_by_drg"), key, DRG)
    assert len({place[2] for place in true}) > 10
    assert {place: row for place, row in found.items() if any(row.values())} == true


def test_cost_per_case_of_a_drg_is_its_cost_by_its_discharges(built_warehouse):
    for row in built_warehouse.rows(
        "select * from candidate_marts.margin_ladder "
        "where dimension_name = 'ms_drg' and dimension_code not in ('none', 'unmapped')"
    ):
        assert row["discharge_count"] > 0
        cost, discharges = row["total_cost"], row["discharge_count"]
        assert row["discharge_cost"] == halves_up(cost / discharges, "0.01")
        assert row["cmi"] == halves_up(row["drg_weight_total"] / discharges, "0.0001")


def test_every_plan_stands_beside_the_true_result_also_where_nothing_happened(
    built_warehouse,
):
    found = built_warehouse.rows(
        "select * from candidate_marts.margin_ladder "
        "where budget_net_revenue_amount is not null"
    )
    key = ("service_month", "facility_code", "dimension_name", "dimension_code")
    true = keyed(built_warehouse.true_rows("budget"), key, AMOUNTS)
    assert keyed(found, key, AMOUNTS) == true
    idle = [row for row in found if row["dimension_code"] == "transplant"]
    assert idle
    assert {(row["total_cost"], row["encounter_count"]) for row in idle} == {(0, 0)}
    for row in found:
        assert row["budget_operating_margin_amount"] == (
            row["budget_net_revenue_amount"] - row["budget_total_cost"]
        )
