"""What prices did to cases, to orders and to the stock that lay there."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.test_supplies import cents, true_prices

pytestmark = pytest.mark.integration


def test_price_variance_of_every_month_is_the_truth(built_warehouse, order_numbers):
    """Of cases against their cards, and of orders against their contracts."""
    day = {
        row["encounter_id"]: row["usage_date"]
        for row in built_warehouse.true_rows("supply_usage")
    }
    cases = monthly(
        (day[row["encounter_id"]], row["price_variance_amount"])
        for row in built_warehouse.true_rows("preference_card_variance")
        if Decimal(row["price_variance_amount"])
    )
    assert len(cases) > 1
    assert cases == monthly(
        (row["case_date"].isoformat(), row["price_variance_amount"])
        for row in built_warehouse.rows(
            "select case_date, price_variance_amount "
            "from candidate_marts.preference_card_variance "
            "where price_variance_amount <> 0"
        )
    )
    ordered = {
        row["order_number"]: row["order_date"]
        for row in built_warehouse.true_rows("purchase_order")
    }
    assert ordered.keys() == order_numbers.keys()
    orders = monthly(
        (ordered[row["order_number"]], row["variance_amount"])
        for row in built_warehouse.true_rows("order_price")
    )
    assert len(orders) > 1
    assert orders == monthly(
        (row["order_date"].isoformat(), row["variance_amount"])
        for row in built_warehouse.rows(
            "select order_date, variance_amount "
            "from candidate_marts.contract_price_compliance"
        )
    )


def monthly(amounts):
    """Amounts by the month of their day."""
    found = defaultdict(Decimal)
    for day, amount in amounts:
        found[day[:7]] += Decimal(amount)
    return found


def test_stock_is_the_ledger_and_what_prices_rose_by_while_it_lay_there(
    built_warehouse,
):
    """Day by day from the opening stock, as a storekeeper would count it."""
    price = true_prices(built_warehouse)
    left = defaultdict(Decimal)
    for row in built_warehouse.true_rows("stock"):
        left[row["item_code"]] += Decimal(row["opening"])
    used = defaultdict(list)
    for row in built_warehouse.true_rows("supply_usage"):
        used[row["usage_date"]].append((row["item_code"], Decimal(row["quantity"])))
    opening = next(
        row
        for row in built_warehouse.true_rows("gl_opening")
        if row["account_code"] == "14100"
    )
    ledger, risen = Decimal(opening["amount"]), Decimal(0)
    today = date.fromisoformat(opening["posting_date"])
    last = date.fromisoformat(max(used))
    assert min(used) >= opening["posting_date"]
    for item, quantity in used[today.isoformat()]:
        left[item] -= quantity
    while today < last:
        before, today = today.isoformat(), today + timedelta(days=1)
        for item, quantity in left.items():
            rise = price(item, today.isoformat()) - price(item, before)
            risen += rise * quantity
        for item, quantity in used[today.isoformat()]:
            left[item] -= quantity
    found = {
        row["step_name"]: row["step_amount"]
        for row in built_warehouse.rows("select * from candidate_marts.inventory_step")
    }
    spent = built_warehouse.true_sum("supply_usage", "cost_amount")
    assert found["ledger"] + found["usage_not_posted"] == ledger - spent
    assert found["price_change"] == cents(risen) > 0
    stock = cents(sum(left[each] * price(each, last.isoformat()) for each in left))
    assert found["stock_at_price"] == stock
    # Every row of stock and every usage was rounded by itself.
    rows = built_warehouse.true_rows("stock") + built_warehouse.true_rows(
        "supply_usage"
    )
    assert abs(found["difference"]) <= Decimal("0.005") * len(rows)
    assert sum(found.values()) == 2 * stock
