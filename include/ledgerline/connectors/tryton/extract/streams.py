"""Which of Tryton's records are landed, and what a row of each shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledgerline.connectors.tryton.client import Domain, Order, Query, TrytonClient

STAMP = "last_modified_at"
"""Tryton's own: when a record was written last, else when it was created."""
EVERY_RECORD = {"active_test": False}
_POSTED = [["move.state", "=", "posted"]]


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The records of one model, those that are inactive included.

    `shows` are the paths of other records of which a row shows more than the id, and
    which change by themselves: then the row is read again. `module` is the Tryton
    module without which there is no such model.
    """

    model: str
    fields: tuple[str, ...]
    domain: Domain = ()
    shows: tuple[str, ...] = ()
    module: str = ""

    @property
    def stamps(self) -> tuple[str, ...]:
        """The fields that tell when something in a row changed, its own first."""
        return (STAMP, *(f"{path}.{STAMP}" for path in self.shows))

    def query(self, condition: Domain, order: Order) -> Query:
        """Ask for the rows that meet a condition, as they are landed."""
        return Query(
            model=self.model,
            fields=(*self.fields, *self.stamps),
            domain=[*self.domain, *condition],
            order=order,
            context=EVERY_RECORD,
        )


_LEDGER = (
    Stream(
        model="account.account",
        fields=("code", "name", "active", "type.name"),
        domain=[["type", "!=", None]],
        shows=("type",),
    ),
    Stream(
        model="analytic_account.account",
        fields=("code", "name", "active", "type", "parent.code", "root.code"),
        shows=("parent", "root"),
    ),
    Stream(
        model="account.fiscalyear", fields=("name", "start_date", "end_date", "state")
    ),
    Stream(
        model="account.period",
        fields=("name", "start_date", "end_date", "state", "type", "fiscalyear.name"),
        shows=("fiscalyear",),
    ),
    Stream(model="account.journal", fields=("code", "name", "active", "type")),
    Stream(
        model="account.move.line",
        fields=(
            "move.number",
            "move.date",
            "move.state",
            "move.period.name",
            "move.journal.code",
            "move.external_reference",
            "account.code",
            "debit",
            "credit",
            "description",
            "party.code",
        ),
        domain=_POSTED,
        shows=("move", "account"),
    ),
    Stream(
        model="analytic_account.line",
        fields=(
            "move_line.id",
            "account.code",
            "account.root.code",
            "debit",
            "credit",
            "date",
        ),
        domain=[["move_line.move.state", "=", "posted"]],
        shows=("move_line.move", "account"),
    ),
)
_ITEMS = (
    Stream(model="product.category", fields=("code", "name")),
    Stream(
        model="product.template",
        fields=(
            "code",
            "name",
            "active",
            "type",
            "categories.id",
            "default_uom.symbol",
        ),
        shows=("default_uom",),
    ),
    Stream(model="product.product", fields=("code", "active", "template.id")),
)
_STOCK = (
    Stream(model="stock.location", fields=("code", "name", "active", "type")),
    Stream(
        model="stock.move",
        fields=(
            "product.code",
            "lot.number",
            "from_location.code",
            "to_location.code",
            "quantity",
            "unit.symbol",
            "state",
            "planned_date",
            "effective_date",
            "origin",
            "shipment",
        ),
        shows=("product", "lot", "from_location", "to_location"),
    ),
    Stream(
        model="stock.shipment.in",
        fields=(
            "number",
            "reference",
            "supplier.code",
            "warehouse.code",
            "planned_date",
            "effective_date",
            "state",
        ),
        shows=("supplier",),
    ),
)
# What a requisition became is read before the orders: an order line made of one is
# never seen without it.
_REQUISITIONS = (
    Stream(
        model="purchase.requisition.line",
        fields=(
            "requisition.number",
            "requisition.external_reference",
            "requisition.state",
            "requisition.supply_date",
            "product.code",
            "quantity",
            "unit.symbol",
        ),
        shows=("requisition", "product"),
        module="purchase_requisition",
    ),
    Stream(
        model="purchase.request",
        fields=(
            "origin",
            "purchase_line.id",
            "state",
        ),
        module="purchase_request",
    ),
)
_PURCHASES = (
    Stream(
        model="purchase.purchase",
        fields=(
            "number",
            "reference",
            "party.code",
            "warehouse.code",
            "currency.code",
            "purchase_date",
            "state",
            "shipment_state",
        ),
        shows=("party",),
        module="purchase",
    ),
    Stream(
        model="purchase.line",
        fields=(
            "purchase.id",
            "type",
            "product.code",
            "quantity",
            "unit.symbol",
            "unit_price",
            "delivery_date_store",
        ),
        shows=("product",),
        module="purchase",
    ),
)


def streams(client: TrytonClient) -> Iterator[Stream]:
    """Yield the streams of a company, as far as its Tryton has their modules."""
    modules = {
        row["name"]
        for row in client.read("ir.module", [["state", "=", "activated"]], ["name"])
    }
    every: Sequence[Stream] = (
        *_LEDGER,
        _suppliers(client),
        *_ITEMS,
        _costs(client),
        _dated_costs(client),
        *_STOCK,
        _lots(modules),
        *_REQUISITIONS,
        *_PURCHASES,
    )
    for stream in every:
        if not stream.module or stream.module in modules:
            yield stream


def _suppliers(client: TrytonClient) -> Stream:
    """Parties with a code, without the company and its employees."""
    company = client.read(
        "company.company", [["id", "=", client.company]], ["party.id"]
    )
    employees = client.read("company.employee", [], ["party.id"])
    own = sorted({row["party"]["id"] for row in (*company, *employees)})
    return Stream(
        model="party.party",
        fields=("code", "name", "active"),
        domain=[["code", "!=", None], ["id", "not in", own]],
    )


def _costs(client: TrytonClient) -> Stream:
    """Cost prices, of which each company has its own."""
    return Stream(
        model="product.cost_price",
        fields=("product.id", "cost_price"),
        domain=[["company", "=", client.company]],
    )


def _dated_costs(client: TrytonClient) -> Stream:
    """Cost prices that a person gave a first day, of a variant or all of an item's."""
    return Stream(
        model="product.cost_price.revision",
        fields=("product.id", "template.id", "date", "cost_price"),
        domain=[["company", "=", client.company]],
        module="stock",
    )


def _lots(modules: set[str]) -> Stream:
    """Lots, with the day they expire where Tryton keeps it."""
    expiry = ("expiration_date",) if "stock_lot_sled" in modules else ()
    return Stream(
        model="stock.lot",
        fields=("number", "active", "product.code", *expiry),
        shows=("product",),
        module="stock_lot",
    )
