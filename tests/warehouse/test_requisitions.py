"""What stores need and buyers are asked for, as in the truth of the sandbox."""

from decimal import Decimal

import pytest

pytestmark = pytest.mark.integration


def by_place(rows, column):
    return {
        (row["location_code"], row["item_code"]): Decimal(row[column]) for row in rows
    }


def test_every_store_needs_what_it_lacks_in_the_truth(built_warehouse):
    found = built_warehouse.rows("""
        select stock_location_code as location_code, item_code, position_quantity,
            level_quantity, needed_quantity
        from candidate_marts.replenishment_need where not is_forecast
    """)
    true = built_warehouse.true_rows("replenishment_need")
    for ours, theirs in (
        ("position_quantity", "position"),
        ("level_quantity", "level"),
        ("needed_quantity", "needed"),
    ):
        assert by_place(found, ours) == by_place(true, theirs)
    assert any(row["needed_quantity"] for row in found)
    assert not all(row["needed_quantity"] for row in found)


def test_a_device_is_asked_for_up_to_the_level_of_its_forecast(built_warehouse):
    found = built_warehouse.rows("""
        select need.*, forecast.level_quantity as forecast_quantity
        from candidate_marts.replenishment_need as need
        inner join candidate_marts.supply_forecast as forecast
            using (facility_code, stock_location_code, item_code)
        where need.is_forecast and forecast.is_proposal
    """)
    assert found
    for row in found:
        missing = row["forecast_quantity"] - row["position_quantity"]
        assert row["needed_quantity"] == max(missing, 0)


def test_what_is_asked_for_is_what_stores_need(built_warehouse):
    asked = built_warehouse.rows("""
        select location_code, item_code, quantity
        from candidate_outbound.out_requisition_line
    """)
    needed = built_warehouse.rows("""
        select stock_location_code as location_code, item_code, needed_quantity
        from candidate_marts.replenishment_need where needed_quantity > 0
    """)
    assert by_place(asked, "quantity") == by_place(needed, "needed_quantity")
