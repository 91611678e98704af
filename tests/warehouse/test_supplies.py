"""What supplies cost against what was expected of them is the truth, to the cent."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.warehouse.erp_files import table
from tests.warehouse.test_truth import assert_equal

pytestmark = pytest.mark.integration


def test_every_case_varies_from_its_card_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows(
        "select * from candidate_marts.preference_card_variance"
    )
    columns = (
        *("facility_code", "procedure_code", "provider_id", "card_code"),
        *("card_item_code", "line_kind", "standard_quantity", "used_quantity"),
        *("unused_quantity", "supply_cost", "used_amount", "unused_amount"),
        *("standard_amount", "usage_variance_amount", "price_variance_amount"),
        *("substitution_variance_amount", "unmeasured_amount"),
    )
    true = built_warehouse.true_rows("preference_card_variance")
    assert_equal(found, true, ("encounter_id", "item_code"), columns)
    kinds = {row["line_kind"] for row in found}
    assert kinds == {"standard", "as_needed", "substitute", "off_card", "no_card"}


def test_what_was_used_and_not_billed_is_the_truth(built_warehouse):
    found = built_warehouse.rows("select * from candidate_marts.unbilled_supply")
    true = built_warehouse.true_rows("unbilled_supply")
    assert true
    columns = (
        *("encounter_id", "facility_code", "item_code", "procedure_code"),
        *("used_quantity", "unbilled_quantity", "unbilled_cost"),
    )
    true = [{**row, "supply_usage_id": row["usage_id"]} for row in true]
    assert_equal(found, true, ("supply_usage_id",), columns)


def test_what_was_opened_in_vain_is_the_truth_less_what_went_back(built_warehouse):
    price = true_prices(built_warehouse)
    lost = Counter()
    for row in built_warehouse.true_rows("supply_usage"):
        cost = price(row["item_code"], row["usage_date"])
        for name, sign in (("unused_quantity", 1), ("returned_quantity", -1)):
            worth = cents(Decimal(row[name]) * cost)
            lost[row["facility_code"]] += sign * worth
    found = built_warehouse.rows("""
        select facility_code, sum(waste_amount) as amount
        from candidate_marts.supply_waste
        where waste_kind = 'opened_unused' group by facility_code
    """)
    assert {row["facility_code"]: row["amount"] for row in found} == +lost


def test_what_expired_on_the_shelf_is_what_the_stock_holds(built_warehouse):
    days = {
        row["stock_location_code"]: row["day"].isoformat()
        for row in built_warehouse.rows("""
            select stock_location_code, max(balance_date) as day
            from candidate_conformed.fct_inventory_balance group by 1
        """)
    }
    found = built_warehouse.rows("""
        select stock_location_code, item_code, lot_number, wasted_quantity
        from candidate_marts.supply_waste where waste_kind = 'expired'
    """)
    expired = {
        (row["location_code"], row["item_code"], row["lot_number"]): row["opening"]
        for row in built_warehouse.true_rows("stock")
        if row["expiration_date"]
        and row["expiration_date"] <= days.get(row["location_code"], "")
    }
    assert any(lot.startswith("XP") for _, _, lot in expired)
    keys = ("stock_location_code", "item_code", "lot_number")
    assert {
        tuple(row[name] for name in keys): str(row["wasted_quantity"].normalize())
        for row in found
    } == {key: str(Decimal(held).normalize()) for key, held in expired.items()}


def test_prices_break_their_contracts_as_in_the_truth(built_warehouse, order_numbers):
    found = built_warehouse.rows("""
        select purchase_order_number as order_number, item_code,
            sum(ordered_amount) as ordered_amount, min(price_state) as price_state,
            sum(variance_amount) as variance_amount
        from candidate_marts.contract_price_compliance group by 1, 2
    """)
    true = defaultdict(lambda: {"ordered_amount": 0, "variance_amount": 0})
    for row in built_warehouse.true_rows("order_price"):
        line = true[order_numbers[row["order_number"]], row["item_code"]]
        for name in ("ordered_amount", "variance_amount"):
            line[name] += Decimal(row[name])
        line["price_state"] = row["price_state"]
    rows = [
        {"order_number": order, "item_code": item, **line}
        for (order, item), line in true.items()
    ]
    columns = ("ordered_amount", "price_state", "variance_amount")
    assert_equal(found, rows, ("order_number", "item_code"), columns)
    states = {row["price_state"] for row in found}
    assert states == {"compliant", "overpaid", "underpaid", "not_comparable"}


def test_requests_are_filled_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows("""
        select facility_code, stock_location_code, item_code,
            sum(request_count) as request_count,
            sum(stock_out_count) as stock_out_count,
            sum(requested_quantity) as requested_quantity,
            sum(filled_quantity) as filled_quantity
        from candidate_marts.fill_rate group by 1, 2, 3
    """)
    true = defaultdict(Counter)
    for row in built_warehouse.true_rows("supply_request"):
        key = row["facility_code"], row["location_code"], row["item_code"]
        asked, came = int(row["requested_quantity"]), int(row["filled_quantity"])
        true[key] += Counter(
            request_count=1,
            stock_out_count=int(came < asked),
            requested_quantity=asked,
            filled_quantity=came,
        )
    names = ("facility_code", "stock_location_code", "item_code")
    columns = (
        *("request_count", "stock_out_count", "requested_quantity", "filled_quantity"),
    )
    rows = [
        {**dict(zip(names, key, strict=True)), **{c: counts[c] for c in columns}}
        for key, counts in true.items()
    ]
    assert_equal(found, rows, names, columns)
    assert sum(row["stock_out_count"] for row in rows)


def test_stock_turns_as_issues_over_the_opening_stock(built_warehouse):
    """Nothing was issued from the stock that the ERP tells of: it is the average."""
    found = built_warehouse.rows("""
        select stock_location_code, sum(issue_amount) as issued,
            sum(average_inventory_amount) as held, bool_or(is_consigned) as consigned
        from candidate_marts.inventory_turnover group by 1
    """)
    issued = Counter()
    for row in built_warehouse.true_rows("supply_usage"):
        issued[row["location_code"]] += Decimal(row["cost_amount"])
    assert {
        r["stock_location_code"]: r["issued"] for r in found if r["issued"]
    } == issued
    assert any(row["consigned"] for row in found)


def test_every_level_covers_the_demand_of_days_with_stock(built_warehouse):
    rows = built_warehouse.rows("select * from candidate_marts.reorder_level")
    assert rows
    assert not [row for row in rows if row["level_issue"]]
    assert {row["quantity_unit"] for row in rows} == {"u", "box"}
    assert any(row["stock_out_days_count"] for row in rows)
    assert all(row["par_quantity"] >= row["reorder_quantity"] > 0 for row in rows)


def test_weeks_hold_the_demand_of_the_truth(built_warehouse):
    weeks = built_warehouse.rows("select * from candidate_marts.weekly_demand")
    first = min(row["week_start_date"] for row in weeks).isoformat()
    last = max(row["week_start_date"] for row in weeks) + timedelta(days=7)
    used = sum(
        int(row["quantity"])
        for row in built_warehouse.true_rows("supply_usage")
        if row["cost_component"] == "implant"
        and first <= row["usage_date"] < last.isoformat()
    )
    assert sum(row["demand_quantity"] for row in weeks) == used > 0


def test_tsb_is_what_the_recurrence_says_of_every_series(built_warehouse):
    series = defaultdict(list)
    for row in built_warehouse.rows(
        "select * from candidate_marts.weekly_demand order by week_number"
    ):
        series[row["stock_location_code"], row["item_code"]].append(row)
    found = {
        (row["stock_location_code"], row["item_code"]): row["forecast_quantity"]
        for row in built_warehouse.rows(
            "select * from candidate_marts.supply_forecast "
            "where forecast_method = 'tsb'"
        )
    }
    assert found.keys() == series.keys()
    for key, weeks in series.items():
        chance = float(weeks[0]["initial_rate"])
        size = float(weeks[0]["initial_quantity"])
        for week in weeks:
            if not week["is_censored"]:
                demand = float(week["demand_quantity"])
                chance += 0.1 * ((demand > 0) - chance)
                size += 0.2 * (demand - size) * (demand > 0)
        assert float(found[key]) == pytest.approx(chance * size, abs=0.0001)


def test_a_price_that_rose_varies_from_the_card_and_from_the_month_before(
    built_warehouse,
):
    """What it does to cases is the truth of cards; here that it is there at all."""
    risen = {
        row["item_code"]: row["valid_from"]
        for row in sorted(
            table(built_warehouse.truth.parent / "erp" / "cost_prices.csv"),
            key=lambda row: row["valid_from"],
        )
    }
    cases = [
        row
        for row in built_warehouse.rows(
            "select * from candidate_marts.preference_card_variance "
            "where line_kind = 'standard' and used_quantity > 0"
        )
        if row["item_code"] in risen
        and row["case_date"].isoformat() >= risen[row["item_code"]]
    ]
    assert cases
    assert all(row["price_variance_amount"] > 0 for row in cases)
    price = true_prices(built_warehouse)
    found = defaultdict(set)
    for row in built_warehouse.rows(
        "select item_code, usage_date, unit_cost "
        "from candidate_conformed.fct_supply_usage"
    ):
        day = row["usage_date"].isoformat()
        assert row["unit_cost"] == price(row["item_code"], day)
        found[row["item_code"]].add(row["unit_cost"])
    changed = {item for item, prices in found.items() if len(prices) > 1}
    assert changed
    assert changed <= risen.keys()


def true_prices(built_warehouse):
    """What an item cost on a day, by the files that the ERP was set up with."""
    erp = built_warehouse.truth.parent / "erp"
    dated = defaultdict(dict)
    for row in table(erp / "cost_prices.csv"):
        dated[row["item_code"]][row["valid_from"]] = Decimal(row["cost_price"])
    standing = {
        row["item_code"]: Decimal(row["cost_price"]) for row in table(erp / "items.csv")
    }

    def price(item, day):
        begun = [since for since in dated[item] if since <= day]
        return dated[item][max(begun)] if begun else standing[item]

    return price


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
