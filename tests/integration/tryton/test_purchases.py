"""Orders and receipts of a real Tryton become facts, to the unit and the cent."""

import secrets
from decimal import ROUND_HALF_UP, Decimal

import psycopg
import pytest
from psycopg.rows import dict_row

from ledgerline.landing.land import land_erp
from ledgerline.store.roles import set_passwords
from tests.integration.tryton import small_hospital
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration
COLUMNS = (
    *("order", "supplier", "ordered_on", "due", "store", "item", "lot"),
    *("ordered", "received", "price"),
)
FACTS = "candidate_conformed"


@pytest.fixture(scope="module")
def warehouse(erp, warehouse_dsn, tmp_path_factory):
    """The facts of the ERP's purchases, built from what landed."""
    land_erp(warehouse_dsn, erp.endpoint())
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    target = tmp_path_factory.mktemp("dbt")
    chosen = ("--select", "+fct_purchase_order_line")
    assert_dbt(warehouse_dsn, target, password, "run", *chosen)
    with psycopg.connect(warehouse_dsn, row_factory=dict_row) as connection:
        yield connection


def bought():
    for values in small_hospital.ORDER_LINES:
        row = dict(zip(COLUMNS, values, strict=True))
        for name in ("ordered", "received", "price"):
            row[name] = Decimal(row[name])
        yield row


def usd(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_order_lines_say_what_is_still_to_come(warehouse):
    found = warehouse.execute(f"select * from {FACTS}.fct_purchase_order_line")
    assert {
        (row["supplier_reference"], row["item_code"]): (
            *(row["supplier_code"], str(row["order_date"]), str(row["delivery_date"])),
            *(row["ordered_quantity"], row["received_quantity"], row["open_quantity"]),
            *(row["ordered_amount"], row["received_amount"], row["open_amount"]),
            row["quantity_unit"],
        )
        for row in found
    } == {
        (row["order"], row["item"]): (
            *(row["supplier"], row["ordered_on"], row["due"]),
            *(row["ordered"], row["received"], row["ordered"] - row["received"]),
            *(usd(row["ordered"] * row["price"]), usd(row["received"] * row["price"])),
            usd((row["ordered"] - row["received"]) * row["price"]),
            "u",
        )
        for row in bought()
    }


def test_receipts_are_in_the_store_and_lot_that_they_were_put_into(warehouse):
    found = warehouse.execute(
        "select receipt.*, line.supplier_reference "
        f"from {FACTS}.fct_receipt as receipt "
        f"inner join {FACTS}.fct_purchase_order_line as line "
        "using (purchase_order_line_id)"
    )
    expiry = {"LOT-A": "2027-02-04", "": "None"}
    assert {
        (row["supplier_reference"], row["item_code"], row["stock_location_code"]): (
            *(row["supplier_code"], row["lot_number"], row["received_quantity"]),
            *(row["received_amount"], row["received_quantity_unit"]),
            *(str(row["received_date"]), str(row["expiration_date"])),
        )
        for row in found
    } == {
        (row["order"], row["item"], row["store"]): (
            *(row["supplier"], row["lot"], row["received"]),
            *(usd(row["received"] * row["price"]), "u"),
            *(row["due"], expiry[row["lot"]]),
        )
        for row in bought()
        if row["received"]
    }
