"""An item through new numbers and new prices is one item in the warehouse."""

from decimal import Decimal

import pytest

from tests.warehouse.erp_files import table
from tests.warehouse.test_supplies import true_prices

pytestmark = pytest.mark.integration


def renumbered(built_warehouse):
    """What numbers of items mean, and the items that had several at one facility."""
    rows = [
        row
        for row in table(built_warehouse.truth.parent / "reference" / "crosswalk.csv")
        if row["code_set"] == "item"
    ]
    ended = {
        (row["facility_code"], row["canonical_code"]) for row in rows if row["valid_to"]
    }
    return {(row["facility_code"], row["native_code"]): row for row in rows}, ended


def test_usage_under_old_and_new_numbers_is_of_one_item(built_warehouse):
    mapping, ended = renumbered(built_warehouse)
    assert ended
    told = built_warehouse.rows("""
        select usage.supply_usage_id, usage.facility_code, usage.item_code,
            usage.usage_date, usage.unit_cost, told.item_code_ehr
        from candidate_conformed.fct_supply_usage as usage
        inner join staging.stg_ehr__supply_delivery as told using (supply_usage_id)
    """)
    told = [row for row in told if (row["facility_code"], row["item_code"]) in ended]
    true = {
        row["usage_id"]: row["item_code"]
        for row in built_warehouse.true_rows("supply_usage")
    }
    numbers, costs = {}, {}
    price = true_prices(built_warehouse)
    for row in told:
        assert row["item_code"] == true[row["supply_usage_id"]]
        mapped = mapping[row["facility_code"], row["item_code_ehr"]]
        day = row["usage_date"].isoformat()
        assert mapped["valid_from"] <= day < (mapped["valid_to"] or "9999")
        key = row["facility_code"], row["item_code"]
        numbers.setdefault(key, set()).add(row["item_code_ehr"])
        costs.setdefault(key, set()).add(row["unit_cost"] - price(key[1], day))
    assert any(len(known) == 2 for known in numbers.values())
    assert all(known == {0} for known in costs.values())


def test_demand_and_stock_of_a_renumbered_item_are_those_of_one(built_warehouse):
    _, ended = renumbered(built_warehouse)
    wanted = built_warehouse.rows("""
        select facility_code, item_code, sum(used_quantity) as used
        from candidate_conformed.fct_item_demand group by 1, 2
    """)
    true, held = {}, {}
    for row in built_warehouse.true_rows("supply_usage"):
        key = row["facility_code"], row["item_code"]
        true[key] = true.get(key, 0) + int(row["quantity"])
    for row in built_warehouse.true_rows("stock"):
        key = row["location_code"].partition("-")[0], row["item_code"]
        held[key] = held.get(key, 0) + int(row["opening"])
    found = {(row["facility_code"], row["item_code"]): row["used"] for row in wanted}
    used = {key: quantity for key, quantity in true.items() if key in ended}
    assert used
    assert {key: found[key] for key in used} == used
    stock = built_warehouse.rows("""
        select facility_code, item_code, sum(on_hand_quantity) as held
        from candidate_conformed.fct_inventory_balance group by 1, 2
    """)
    found = {(row["facility_code"], row["item_code"]): row["held"] for row in stock}
    assert {key: found[key] for key in used} == {key: held[key] for key in used}


def test_an_order_is_compared_with_the_price_of_its_day(built_warehouse):
    reference = table(
        built_warehouse.truth.parent / "reference" / "supply_contract.csv"
    )
    packs = {"u": 1, "box": 10}
    lines = built_warehouse.rows("""
        select * from candidate_marts.contract_price_compliance where price_issue = ''
    """)
    periods = {}
    for line in lines:
        [agreed] = [
            row
            for row in reference
            if row["item_code"] == line["item_code"]
            and (row["valid_from"] or "1900")
            <= line["order_date"].isoformat()
            < (row["valid_to"] or "9999")
        ]
        price = Decimal(agreed["unit_price"]) / packs[agreed["price_unit"]]
        assert line["contract_price"] == price
        if agreed["valid_from"] or agreed["valid_to"]:
            periods.setdefault(bool(agreed["valid_to"]), []).append(line)
    assert periods.keys() == {True, False}
    assert any(line["price_state"] == "compliant" for line in periods[True])
