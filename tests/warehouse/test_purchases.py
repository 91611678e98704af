"""Orders and receipts in the warehouse are the truth, to the unit and the cent."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def bought(built_warehouse, order_numbers):
    """What was ordered, with the amounts of it and the number that the ERP gave it."""
    rows = built_warehouse.true_rows("purchase_order")
    for row in rows:
        row["order_number"] = order_numbers[row["order_number"]]
        for name in ("ordered", "received"):
            row[name] = Decimal(row[f"{name}_quantity"])
            row[f"{name}_amount"] = usd(row[name] * Decimal(row["unit_price"]))
    return rows


def usd(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def counted(rows, *columns):
    """Rows by what they say; two lines of an order may say the same."""
    return Counter(tuple(str(row[name]) for name in columns) for row in rows)


def whole(row, *names):
    return {**row, **{name: row[name].normalize() for name in names}}


def facility(row):
    return row["location_code"].partition("-")[0]


def test_order_lines_are_ordered_received_and_open_as_in_the_truth(
    built_warehouse, bought
):
    found = built_warehouse.rows(
        "select * from candidate_conformed.fct_purchase_order_line"
    )
    quantities = ("ordered_quantity", "received_quantity", "open_quantity")
    assert counted(
        [whole(row, *quantities) for row in found],
        *("purchase_order_number", "supplier_code", "item_code", "quantity_unit"),
        *("order_date", "delivery_date", *quantities, "facility_code"),
        *("ordered_amount", "received_amount", "open_amount", "receipt_state"),
    ) == Counter(
        (
            *(row["order_number"], row["supplier_code"], row["item_code"], "u"),
            *(row["order_date"], row["delivery_date"]),
            *(
                str(each.normalize())
                for each in (
                    *(row["ordered"], row["received"]),
                    row["ordered"] - row["received"],
                )
            ),
            facility(row) if row["received"] else "None",
            *(str(row["ordered_amount"]), str(row["received_amount"])),
            str(usd((row["ordered"] - row["received"]) * Decimal(row["unit_price"]))),
            state(row),
        )
        for row in bought
    )


def state(row):
    if not row["received"]:
        return "awaited"
    return "received" if row["received"] == row["ordered"] else "partly_received"


def test_receipts_are_in_the_stores_and_lots_of_the_truth(built_warehouse, bought):
    found = built_warehouse.rows("select * from candidate_conformed.fct_receipt")
    came = [row for row in bought if row["received"]]
    assert counted(
        [whole(row, "received_quantity") for row in found],
        *("purchase_order_number", "supplier_code", "item_code"),
        *("lot_number", "stock_location_code", "facility_code", "received_date"),
        *("received_quantity", "received_quantity_unit", "received_amount"),
    ) == Counter(
        (
            *(row["order_number"], row["supplier_code"], row["item_code"]),
            *(row["lot_number"], row["location_code"]),
            *(facility(row), row["delivery_date"], str(row["received"].normalize())),
            *("u", str(row["received_amount"])),
        )
        for row in came
    )
    receipts = {(row["purchase_order_number"], row["receipt_number"]) for row in found}
    orders, numbers = (set(each) for each in zip(*receipts, strict=True))
    assert len(orders) == len(numbers) == len(receipts)


def test_what_came_short_is_a_discrepancy_and_nothing_else_is(built_warehouse, bought):
    found = built_warehouse.rows("select * from candidate_marts.purchase_discrepancy")
    short = [row for row in bought if state(row) == "partly_received"]
    assert short
    assert counted(
        [whole(row, "difference_quantity") for row in found],
        *("discrepancy_kind", "purchase_order_number", "item_code"),
        *("difference_quantity", "difference_amount"),
    ) == Counter(
        (
            *("short", row["order_number"], row["item_code"]),
            str((row["received"] - row["ordered"]).normalize()),
            str(usd((row["received"] - row["ordered"]) * Decimal(row["unit_price"]))),
        )
        for row in short
    )


def test_what_was_ordered_and_what_came_add_up_to_the_truth(built_warehouse, bought):
    [total] = built_warehouse.rows(
        "select sum(ordered_amount) as ordered, sum(received_amount) as received "
        "from candidate_conformed.fct_purchase_order_line"
    )
    for name in ("ordered", "received"):
        assert total[name] == sum(row[f"{name}_amount"] for row in bought)
    assert total["received"] == built_warehouse.value(
        "select sum(received_amount) from candidate_conformed.fct_receipt"
    )
