"""Balances: what Tryton computes and keeps no record of.

No stamp tells when one changes: they are read whole each time, each known by a key of
ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

from ledgerline.connectors.formats.record import joined
from ledgerline.connectors.tryton.client import Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row, as_text


@dataclass(frozen=True, kw_only=True)
class OnHand:
    """Units of an item, and of a lot if it is tracked, that a location holds."""

    location_code: str
    item_code: str
    lot_number: str
    quantity: Decimal
    unit: str

    @property
    def key(self) -> str:
        """What the row is known by."""
        return joined((self.location_code, self.item_code, self.lot_number))


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """Posted debits and credits of an account in a period."""

    account_code: str
    period: str
    debit: Decimal
    credit: Decimal

    @property
    def key(self) -> str:
        """What the row is known by."""
        return joined((self.account_code, self.period))


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


def row(balance: OnHand | AccountBalance) -> Row:
    """Return a balance as it is landed."""
    text: Row = as_text(asdict(balance))
    return text
