"""Pages for landing, from a real Tryton: complete, exact, the same bytes every time."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.documents import Journal, JournalLine
from ledgerline.connectors.tryton.extract.changes import Window, changes
from ledgerline.connectors.tryton.extract.streams import streams
from tests.integration.erp.memory import Memory
from tests.integration.tryton import small_hospital

pytestmark = pytest.mark.integration

RESOURCE_TYPES = {
    "account.account",
    "account.balance",
    "account.fiscalyear",
    "account.journal",
    "account.move.line",
    "account.period",
    "analytic_account.account",
    "analytic_account.line",
    "party.party",
    "product.category",
    "product.cost_price",
    "product.cost_price.revision",
    "product.product",
    "product.template",
    "purchase.line",
    "purchase.purchase",
    "stock.balance",
    "stock.location",
    "stock.lot",
    "stock.move",
    "stock.shipment.in",
}
# What tests of requisitions leave behind.
REQUISITION_TYPES = {"purchase.request", "purchase.requisition.line"}
AT_ONCE = Window(overlap=dt.timedelta(0), compare_after=dt.timedelta(0))


def extract(client, state, window=AT_ONCE):
    """Return the pages of an extract, landed in memory."""
    found = []
    now = dt.datetime.now(dt.UTC)
    for page in changes(client, list(streams(client)), state, window, now):
        found.append(page)
        state.take(page)
    return found


def resource_type(page):
    return page.format.partition("/")[2]


@pytest.fixture
def landed(client):
    """Everything that the ERP has, as it was landed."""
    state = Memory()
    extract(client, state)
    return state


def rows_of(state, model):
    return state.current[model]


def test_every_entity_of_the_contract_is_there(landed):
    kinds = {kind for kind, rows in landed.current.items() if rows}
    assert kinds - REQUISITION_TYPES == RESOURCE_TYPES


def test_amounts_are_exact_strings_and_dates_are_iso(landed):
    [item] = [
        row
        for row in rows_of(landed, "product.product").values()
        if row["code"] == "ITM00001"
    ]
    [cost] = [
        row
        for row in rows_of(landed, "product.cost_price").values()
        if row["product"]["id"] == item["id"]
    ]
    template = rows_of(landed, "product.template")[str(item["template"]["id"])]
    [category] = template["categories"]
    opening = next(
        row
        for row in rows_of(landed, "account.move.line").values()
        if row["account"]["code"] == "14100"
    )

    assert cost["cost_price"] == "0.0729"
    assert {
        (row["date"], row["cost_price"])
        for row in rows_of(landed, "product.cost_price.revision").values()
        if row["product"]["id"] == item["id"]
    } == {("2020-01-01", "0.0700"), ("2026-02-16", "0.0729")}
    assert rows_of(landed, "product.category")[str(category["id"])]["code"] == "supply"
    assert opening["debit"] == small_hospital.OPENING_INVENTORY
    assert opening["move"]["date"] == "2026-01-01"
    assert opening["move"]["period"]["name"] == "2026-01"


def test_stock_is_keyed_by_place_item_and_lot(landed):
    rows = rows_of(landed, "stock.balance")

    assert Decimal(rows["LGH-6030-STO|ITM00001|"]["quantity"]) == 40
    assert rows["MVH-6010-STO|ITM00003|LOT-B"]["unit"] == "u"


def test_account_balances_sum_to_zero(landed):
    rows = rows_of(landed, "account.balance").values()

    assert sum(Decimal(row["debit"]) - Decimal(row["credit"]) for row in rows) == 0


def test_the_company_is_not_among_its_suppliers(landed):
    codes = {row["code"] for row in rows_of(landed, "party.party").values()}

    assert codes == {"SUP001", "SUP002"}


def test_small_pages_hold_the_same_rows_as_one(client, landed):
    client.page_size = 3
    again = Memory()
    extract(client, again)

    assert again.current == landed.current


def test_a_second_extract_of_an_unchanged_erp_changes_nothing(client, landed):
    before = json.dumps(landed.current, sort_keys=True)

    extract(client, landed, Window())

    assert json.dumps(landed.current, sort_keys=True) == before
    assert {len(versions) for versions in landed.versions.values()} == {1}


def test_a_posted_document_brings_its_lines_and_its_balance(client, landed, journals):
    known = set(rows_of(landed, "account.move.line"))
    lines = (
        JournalLine(account_code="10100", amount=Decimal("7.00")),
        JournalLine(
            account_code="40100",
            amount=Decimal("-7.00"),
            cost_center_code="MVH-6010",
            service_line_code="emergency",
        ),
    )
    sent = Journal(
        reference="LL:increment",
        date=dt.date(2026, 3, 29),
        description="Revenue",
        lines=lines,
    )
    values = journals._values(sent)
    draft = client.create("account.move", values, ["id"])["id"]
    extract(client, landed)
    assert set(rows_of(landed, "account.move.line")) == known

    journals.finish(draft)
    pages = extract(client, landed, Window(overlap=dt.timedelta(0)))

    new = rows_of(landed, "account.move.line").keys() - known
    assert len(new) == 2
    assert "analytic_account.line" in set(map(resource_type, pages))


def test_an_item_that_is_renamed_arrives(client, landed, admin):
    [renamed] = [
        int(key)
        for key, row in rows_of(landed, "product.template").items()
        if row["code"] == "ITM00001"
    ]
    admin.call("product.template", "write", [renamed], {"name": "Glove, exam"})
    try:
        pages = extract(client, landed)
    finally:
        admin.call("product.template", "write", [renamed], {"name": "Exam glove"})

    rows = rows_of(landed, "product.template")
    assert rows[str(renamed)]["name"] == "Glove, exam"
    assert "product.template" in set(map(resource_type, pages))


def test_a_supplier_is_kept_when_it_is_retired_and_gone_when_it_is_deleted(
    client, landed, admin
):
    values = {"name": "Short-lived", "code": "SUP999"}
    supplier = admin.create_one("party.party", values)
    extract(client, landed)
    assert rows_of(landed, "party.party")[str(supplier)]["active"]

    admin.call("party.party", "write", [supplier], {"active": False})
    extract(client, landed)
    assert not rows_of(landed, "party.party")[str(supplier)]["active"]

    admin.call("party.party", "delete", [supplier])
    extract(client, landed)
    assert str(supplier) not in rows_of(landed, "party.party")


def test_the_same_rows_have_the_same_bytes_after_a_restart(erp):
    def contents():
        with TrytonClient(erp.endpoint()) as client:
            return [(page.name, page.content) for page in extract(client, Memory())]

    before = contents()
    erp.run("erp-down")
    erp.up()

    assert contents() == before
