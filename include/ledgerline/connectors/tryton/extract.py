"""What the warehouse reads from Tryton, page by page, as rows for landing.

A page's `content` is NDJSON: one row a line as Tryton returned it, with keys sorted,
because Tryton's own order changes with every start, decimals as strings and dates as
ISO dates. The same row therefore always has the same bytes. Balances are not records
of Tryton's but answers of its own computation, and get an id of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import orjson

from ledgerline.connectors.tryton.client import PAGE_SIZE, Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row, as_text


@dataclass(frozen=True, kw_only=True)
class ErpPage:
    """One page of rows of one resource type.

    `content` holds exactly the rows, one a line, in the order of `rows`.
    """

    name: str
    resource_type: str
    content: bytes
    rows: list[tuple[str, Row]]


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A model that is landed whole: which records, which fields."""

    model: str
    fields: tuple[str, ...]
    domain: Domain = ()


@dataclass(frozen=True, kw_only=True)
class OnHand:
    """Units of an item, and of a lot if it is tracked, that a location holds."""

    location_code: str
    item_code: str
    lot_number: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """Posted debits and credits of an account in a period."""

    account_code: str
    period: str
    debit: Decimal
    credit: Decimal


POSTED: Domain = [["move.state", "=", "posted"]]
ENTITIES = (
    Entity(
        model="account.account",
        fields=("code", "name", "type.name"),
        domain=[["type", "!=", None]],
    ),
    Entity(
        model="analytic_account.account",
        fields=("code", "name", "type", "parent.code", "root.code"),
    ),
    Entity(
        model="account.fiscalyear", fields=("name", "start_date", "end_date", "state")
    ),
    Entity(
        model="account.period",
        fields=("name", "start_date", "end_date", "state", "type", "fiscalyear.name"),
    ),
    Entity(
        model="product.product",
        fields=(
            "code",
            "name",
            "cost_price",
            "template.name",
            "template.categories.code",
            "default_uom.symbol",
        ),
    ),
    Entity(model="stock.location", fields=("code", "name", "type")),
    Entity(model="stock.lot", fields=("number", "product.code")),
    Entity(
        model="account.move.line",
        fields=(
            "move.number",
            "move.date",
            "move.state",
            "move.period.name",
            "move.external_reference",
            "account.code",
            "debit",
            "credit",
            "description",
            "party.code",
        ),
        domain=POSTED,
    ),
    Entity(
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
    ),
)


def pages(client: TrytonClient) -> Iterator[ErpPage]:
    """Read everything that the warehouse wants, entity after entity."""
    for entity in (*ENTITIES, _suppliers(client)):
        found = client.pages(entity.model, entity.domain, entity.fields)
        for number, rows in enumerate(found, start=1):
            yield _page(entity.model, number, ((str(row["id"]), row) for row in rows))
    yield from _derived("stock.balance", (_stock_row(row) for row in on_hand(client)))
    yield from _derived(
        "account.balance", (_balance_row(row) for row in account_balances(client))
    )


def on_hand(client: TrytonClient) -> Iterator[OnHand]:
    """Ask Tryton what each storage and consumption location holds.

    A tracked item is given by lot; what no lot explains comes with lot ''.
    """
    locations = client.read(
        "stock.location",
        [["type", "in", ["storage", "lost_found"]], ["code", "!=", None]],
        ["code"],
    )
    for location in locations:
        context = {"locations": [location["id"]], "with_childs": False}
        yield from _held(client, location["code"], context)


def account_balances(client: TrytonClient) -> Iterator[AccountBalance]:
    """Ask Tryton for each account's posted debits and credits, period by period."""
    periods = client.read("account.period", [], ["name", "fiscalyear.id"])
    for period in periods:
        context = {
            "periods": [period["id"]],
            "fiscalyear": period["fiscalyear"]["id"],
            "posted": True,
        }
        rows = client.read(
            "account.account",
            [["type", "!=", None]],
            ["code", "debit", "credit"],
            context,
        )
        for row in rows:
            if row["debit"] or row["credit"]:
                yield AccountBalance(
                    account_code=row["code"],
                    period=period["name"],
                    debit=row["debit"],
                    credit=row["credit"],
                )


def _suppliers(client: TrytonClient) -> Entity:
    """Parties with a code, without the company's own."""
    company = client.read(
        "company.company", [["id", "=", client.company]], ["party.id"]
    )
    return Entity(
        model="party.party",
        fields=("code", "name"),
        domain=[["code", "!=", None], ["id", "!=", company[0]["party"]["id"]]],
    )


def _held(
    client: TrytonClient, location_code: str, context: Mapping[str, object]
) -> Iterator[OnHand]:
    held: Domain = [["quantity", "!=", 0]]
    products = client.read(
        "product.product", held, ["code", "quantity", "default_uom.symbol"], context
    )
    lots = client.read(
        "stock.lot", held, ["number", "product.code", "quantity"], context
    )
    units = {row["code"]: row["default_uom"]["symbol"] for row in products}
    untracked = {row["code"]: Decimal(row["quantity"]) for row in products}
    for row in lots:
        item = row["product"]["code"]
        untracked[item] = untracked.get(item, Decimal(0)) - row["quantity"]
        yield OnHand(
            location_code=location_code,
            item_code=item,
            lot_number=row["number"],
            quantity=row["quantity"],
            unit=units.get(item, ""),
        )
    for item, quantity in untracked.items():
        if quantity:
            yield OnHand(
                location_code=location_code,
                item_code=item,
                lot_number="",
                quantity=quantity,
                unit=units.get(item, ""),
            )


def _stock_row(row: OnHand) -> tuple[str, Row]:
    body: Row = {
        "location_code": row.location_code,
        "item_code": row.item_code,
        "lot_number": row.lot_number,
        "quantity": row.quantity,
        "unit": row.unit,
    }
    return f"{row.location_code}|{row.item_code}|{row.lot_number}", body


def _balance_row(row: AccountBalance) -> tuple[str, Row]:
    body: Row = {
        "account_code": row.account_code,
        "period": row.period,
        "debit": row.debit,
        "credit": row.credit,
    }
    return f"{row.account_code}|{row.period}", body


def _derived(resource_type: str, rows: Iterable[tuple[str, Row]]) -> Iterator[ErpPage]:
    batch: list[tuple[str, Row]] = []
    number = 1
    for row in rows:
        batch.append(row)
        if len(batch) == PAGE_SIZE:
            yield _page(resource_type, number, batch)
            batch, number = [], number + 1
    if batch:
        yield _page(resource_type, number, batch)


def _page(resource_type: str, number: int, rows: Iterable[tuple[str, Row]]) -> ErpPage:
    texts: list[tuple[str, Row]] = []
    lines: list[bytes] = []
    for key, row in rows:
        text: Row = as_text(row)
        texts.append((key, text))
        lines.append(orjson.dumps(text, option=orjson.OPT_SORT_KEYS))
    return ErpPage(
        name=f"{resource_type}-{number:05d}.ndjson",
        resource_type=resource_type,
        content=b"".join(line + b"\n" for line in lines),
        rows=texts,
    )
