"""What the ERP has no price for is told with what it would cost, and costs nothing."""

import secrets
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

import psycopg
import pytest

from ledgerline.quality.suite import forbidden_rows
from ledgerline.store.roles import set_passwords
from ledgerline.transformation.scope import open_full
from tests.warehouse.build import assert_dbt
from tests.warehouse.conftest import BuiltWarehouse
from tests.warehouse.erp_files import table
from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration

FORGET = """
delete from raw_erp.record
where
    resource_type in ('product.cost_price', 'product.cost_price.revision')
    and (
        body -> 'product' ->> 'id' in (
            select product_id_erp from staging.stg_erp__product
            where item_code = any(%(items)s)
        )
        or body -> 'template' ->> 'id' in (
            select template_id_erp from staging.stg_erp__product
            where item_code = any(%(items)s)
        )
    )
"""
ASKED = ("supply_exception", "out_journal_line", "out_stock_issue_line")
COSTED = "fct_encounter_cost"


@pytest.fixture(scope="module")
def forgotten(built_warehouse):
    """Every third item: as if nobody had ever given it a cost price."""
    return sorted({row["item_code"] for row in usages(built_warehouse)})[::3]


@pytest.fixture(scope="module")
def unpriced(built_warehouse, forgotten, tmp_path_factory):
    """The hospital's warehouse, built again from an ERP that has forgotten prices."""
    target = tmp_path_factory.mktemp("unpriced")
    with copied(built_warehouse.dsn, "unpriced") as dsn:
        with psycopg.connect(dsn) as connection:
            connection.execute(FORGET, {"items": forgotten})
        password = secrets.token_urlsafe(12)
        set_passwords(dsn, {"build": password})
        open_full(dsn)
        asked = [f"+{name}" for name in (*ASKED, COSTED)]
        assert_dbt(dsn, target, password, "run", "--select", *asked)
        yield BuiltWarehouse(dsn=dsn, truth=built_warehouse.truth)


def usages(warehouse):
    return warehouse.true_rows("supply_usage")


class Prices:
    """What the sandbox's orders and contracts say of an item, in plain Python."""

    def __init__(self, warehouse):
        self.orders, self.lots = defaultdict(list), defaultdict(list)
        for row in warehouse.true_rows("purchase_order"):
            price = Decimal(row["unit_price"])
            came = Decimal(row["received_quantity"])
            facility = row["location_code"][:3] if came else ""
            self.orders[row["item_code"]].append((row["order_date"], facility, price))
            if came and row["lot_number"]:
                lot = row["item_code"], row["lot_number"]
                self.lots[lot].append((came, price))
        folder = warehouse.truth.parent / "reference"
        self.contracts = table(folder / "supply_contract.csv")
        self.packs = {
            (row["item_code"], row["pack_unit"]): Decimal(row["item_quantity"])
            for row in table(folder / "item_unit.csv")
        }

    def of(self, usage):
        """The method and unit price that value a usage."""
        return (
            self._lot(usage)
            or self._contract(usage)
            or self._order(usage)
            or ("unknown", None)
        )

    def _lot(self, usage):
        bought = self.lots[usage["item_code"], usage["lot_number"]]
        if bought:
            paid = sum(quantity * price for quantity, price in bought)
            return "lot_price", paid / sum(quantity for quantity, _ in bought)
        return None

    def _contract(self, usage):
        day = usage["usage_date"]
        agreed = [
            (row["facility_code"] == "*", Decimal(row["unit_price"]) / self._pack(row))
            for row in self.contracts
            if row["item_code"] == usage["item_code"]
            and row["facility_code"] in ("*", usage["facility_code"])
            and row["valid_from"] <= day < (row["valid_to"] or "9999")
        ]
        return ("contract_price", min(agreed)[1]) if agreed else None

    def _pack(self, contract):
        key = contract["item_code"], contract["price_unit"]
        return Decimal(1) if key[1] == "u" else self.packs[key]

    def _order(self, usage):
        day, told = usage["usage_date"], self.orders[usage["item_code"]]
        before = [each for each in told if each[0] <= day]
        own = [each for each in before if each[1] == usage["facility_code"]]
        for method, orders, pick in (
            ("last_purchase", own, max),
            ("purchase_elsewhere", before, max),
            ("later_purchase", told, min),
        ):
            if orders:
                nearest = pick(each[0] for each in orders)
                return method, min(p for when, _, p in orders if when == nearest)
        return None


def test_what_has_no_price_is_told_with_what_orders_and_contracts_say(
    unpriced, forgotten
):
    found = {
        row["subject_id"]: row
        for row in unpriced.rows("""
            select * from candidate_marts.supply_exception
            where exception_kind = 'usage_without_price'
        """)
    }
    prices = Prices(unpriced)
    true = {
        row["usage_id"]: row
        for row in usages(unpriced)
        if row["item_code"] in forgotten
    }
    assert found.keys() == true.keys()
    methods = Counter()
    for name, row in true.items():
        method, price = prices.of(row)
        quantity = Decimal(row["quantity"])
        known = found[name]
        assert (known["valuation_method"], known["quantity"]) == (method, quantity)
        if price is None:
            assert known["touched_amount"] is None
        else:
            price = price.quantize(Decimal("0.0001"), ROUND_HALF_UP)
            amount = (quantity * price).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert known["touched_amount"] == amount
        methods[method] += 1
    print(methods)
    assert methods["unknown"]
    assert len(methods) > 3


def test_what_has_no_price_costs_and_posts_nothing_and_all_else_is_as_before(
    unpriced, forgotten
):
    true = sum(
        Decimal(row["cost_amount"])
        for row in usages(unpriced)
        if row["item_code"] not in forgotten
    )
    assert 0 < true < unpriced.true_sum("supply_usage", "cost_amount")
    for asked in (
        "select sum(supply_cost) from candidate_conformed.fct_supply_usage",
        f"select sum(cost_amount) from candidate_conformed.{COSTED} "
        "where cost_method = 'actual'",
        "select sum(amount) from candidate_outbound.out_journal_line "
        "where document_kind = 'supply_expense' and amount > 0",
        "select sum(amount) from candidate_outbound.out_stock_issue_line",
    ):
        assert unpriced.value(asked) == true, asked


def test_what_has_no_price_is_issued_all_the_same_and_ties_to_the_ledger(unpriced):
    issued = unpriced.value(
        "select sum(quantity) from candidate_outbound.out_stock_issue_line"
    )
    assert issued == unpriced.true_sum("supply_usage", "quantity")
    rules = [
        rule
        for rule in forbidden_rows()
        if rule.relation == f"conformed.{COSTED}"
        and rule.expectation.name.endswith("_not_conserved")
    ]
    assert len(rules) == 2
    for rule in rules:
        batch = f"from candidate_conformed.{COSTED}"
        query = rule.expectation.query.replace("from batch", batch)
        assert unpriced.rows(query) == [], rule.expectation.name
