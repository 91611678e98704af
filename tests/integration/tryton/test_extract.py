"""Pages for landing: complete, exact, and the same bytes every time."""

import json
from decimal import Decimal

import pytest

from ledgerline.connectors.tryton import client as client_module
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.extract import pages
from tests.integration.tryton import small_hospital

pytestmark = pytest.mark.integration

RESOURCE_TYPES = {
    "account.account",
    "account.balance",
    "account.fiscalyear",
    "account.move.line",
    "account.period",
    "analytic_account.account",
    "analytic_account.line",
    "party.party",
    "product.product",
    "stock.balance",
    "stock.location",
    "stock.lot",
}


def rows_of(client, resource_type):
    return {
        key: row
        for page in pages(client)
        if page.resource_type == resource_type
        for key, row in page.rows
    }


def test_every_entity_of_the_contract_is_there(client):
    assert {page.resource_type for page in pages(client)} == RESOURCE_TYPES


def test_the_content_is_the_rows_one_a_line(client):
    for page in pages(client):
        lines = page.content.decode().splitlines()
        assert [json.loads(line) for line in lines] == [row for _, row in page.rows]
        assert page.name.startswith(page.resource_type)


def test_amounts_are_exact_strings_and_dates_are_iso(client):
    item = next(
        row
        for row in rows_of(client, "product.product").values()
        if row["code"] == "ITM00001"
    )
    opening = next(
        row
        for row in rows_of(client, "account.move.line").values()
        if row["account"]["code"] == "14100"
    )

    assert item["cost_price"] == "0.0729"
    assert item["template"]["categories"][0]["code"] == "supply"
    assert opening["debit"] == small_hospital.OPENING_INVENTORY
    assert opening["move"]["date"] == "2026-01-01"
    assert opening["move"]["period"]["name"] == "2026-01"


def test_stock_is_keyed_by_place_item_and_lot(client):
    rows = rows_of(client, "stock.balance")

    assert Decimal(rows["LGH-6030-STO|ITM00001|"]["quantity"]) == 40
    assert rows["MVH-6010-STO|ITM00003|LOT-B"]["unit"] == "u"


def test_account_balances_sum_to_zero(client):
    rows = rows_of(client, "account.balance").values()

    assert sum(Decimal(row["debit"]) - Decimal(row["credit"]) for row in rows) == 0


def test_the_company_is_not_among_its_suppliers(client):
    codes = {row["code"] for row in rows_of(client, "party.party").values()}

    assert codes == {"SUP001", "SUP002"}


def test_small_pages_hold_the_same_rows_as_one(client, monkeypatch):
    whole = rows_of(client, "account.move.line")
    monkeypatch.setattr(client_module, "PAGE_SIZE", 3)

    assert rows_of(client, "account.move.line") == whole


def test_the_same_rows_have_the_same_bytes_after_a_restart(erp):
    def contents():
        with TrytonClient(erp.endpoint()) as client:
            return [(page.name, page.content) for page in pages(client)]

    before = contents()
    erp.run("erp-down")
    erp.up()

    assert contents() == before
