"""What the generator hands to the ERP set-up: typed rows of `erp/*.csv`."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CENT = Decimal("0.01")
ANSWERED_WITHIN = dt.timedelta(days=180)
FILES = (
    "accounts",
    "cost_centers",
    "cost_prices",
    "items",
    "lots",
    "opening_stock",
    "overhead",
    "payroll",
    "purchase_orders",
    "service_lines",
    "suppliers",
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """A ledger account and the class that decides its type."""

    code: str
    name: str
    account_class: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """A code with a name: cost center, service line or supplier."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """A stocked item; its cost price is the acquisition cost of one unit."""

    code: str
    name: str
    category: str
    cost_price: Decimal
    lot_tracked: bool
    supplier_code: str


@dataclass(frozen=True, kw_only=True)
class CostPrice:
    """A cost price of an item and the first day of it."""

    item_code: str
    valid_from: dt.date
    cost_price: Decimal


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A lot of a tracked item."""

    item_code: str
    number: str
    expiration_date: dt.date


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Units of an item, and of a lot if it is tracked, in a store on day one."""

    location_code: str
    item_code: str
    lot_number: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """A line of a purchase order, and what of it came into a store by day one."""

    order_number: str
    supplier_code: str
    order_date: dt.date
    delivery_date: dt.date
    location_code: str
    item_code: str
    lot_number: str
    ordered: Decimal
    received: Decimal
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class Expense:
    """A month's expense of one account in one cost center."""

    period_end: dt.date
    cost_center_code: str
    account_code: str
    amount: Decimal

    @property
    def facility_code(self) -> str:
        """The facility that the cost center belongs to."""
        return self.cost_center_code.partition("-")[0]


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Everything that the set-up posts, and the hash of the files it came from."""

    accounts: list[Account]
    cost_centers: list[Named]
    service_lines: list[Named]
    suppliers: list[Named]
    items: list[Item]
    cost_prices: list[CostPrice]
    lots: list[Lot]
    opening_stock: list[Stock]
    order_lines: list[OrderLine]
    payroll: list[Expense]
    overhead: list[Expense]
    sha256: str

    @property
    def opening_date(self) -> dt.date:
        """Day one: the first of the first month that has expenses."""
        return min(row.period_end for row in self.payroll).replace(day=1)

    @property
    def fiscal_years(self) -> range:
        """The years of the expenses, and of what payers answer half a year later."""
        last = max(row.period_end for row in self.payroll) + ANSWERED_WITHIN
        return range(self.opening_date.year, last.year + 1)

    @property
    def stores(self) -> list[Named]:
        """The stores that hold opening stock: `<cost center>-STO`."""
        names = {row.code: row.name for row in self.cost_centers}
        codes = sorted({row.location_code for row in self.opening_stock})
        return [
            Named(code=code, name=f"{code} {names[code.removesuffix('-STO')]} store")
            for code in codes
        ]

    @property
    def counted_stock(self) -> list[Stock]:
        """The opening stock that no order brought."""
        ordered = {
            (line.location_code, line.item_code, line.lot_number): line.received
            for line in self.order_lines
        }
        rest = (
            replace(
                row,
                quantity=row.quantity
                - ordered.get((row.location_code, row.item_code, row.lot_number), 0),
            )
            for row in self.opening_stock
        )
        return [row for row in rest if row.quantity]

    @property
    def opening_inventory_amount(self) -> Decimal:
        """Value of the opening stock: each row at cost, rounded half up to cents."""
        price = {item.code: item.cost_price for item in self.items}
        for row in sorted(self.cost_prices, key=lambda row: row.valid_from):
            if row.valid_from <= self.opening_date:
                price[row.item_code] = row.cost_price
        return sum(
            (
                (row.quantity * price[row.item_code]).quantize(CENT, ROUND_HALF_UP)
                for row in self.opening_stock
            ),
            Decimal(0),
        )


def read(folder: Path) -> Inputs:
    """Read the generator's files; a missing one is an error that names it."""
    missing = [name for name in FILES if not (folder / f"{name}.csv").is_file()]
    if missing:
        raise FileNotFoundError(
            f"{folder} lacks {', '.join(f'{name}.csv' for name in missing)}; "
            "run `python -m sandbox generate` first"
        )
    rows = {name: _rows(folder / f"{name}.csv") for name in FILES}
    return Inputs(
        accounts=[
            Account(
                code=row["account_code"],
                name=row["account_name"],
                account_class=row["account_class"],
            )
            for row in rows["accounts"]
        ],
        cost_centers=_named(rows["cost_centers"], "cost_center"),
        service_lines=_named(rows["service_lines"], "service_line"),
        suppliers=[
            Named(code=row["supplier_code"], name=row["name"])
            for row in rows["suppliers"]
        ],
        items=[_item(row) for row in rows["items"]],
        cost_prices=[_cost_price(row) for row in rows["cost_prices"]],
        lots=[
            Lot(
                item_code=row["item_code"],
                number=row["lot_number"],
                expiration_date=dt.date.fromisoformat(row["expiration_date"]),
            )
            for row in rows["lots"]
        ],
        opening_stock=[_stock(row) for row in rows["opening_stock"]],
        order_lines=[_order_line(row) for row in rows["purchase_orders"]],
        payroll=[_expense(row) for row in rows["payroll"]],
        overhead=[_expense(row) for row in rows["overhead"]],
        sha256=_digest(folder),
    )


def _stock(row: dict[str, str]) -> Stock:
    return Stock(
        location_code=row["location_code"],
        item_code=row["item_code"],
        lot_number=row["lot_number"],
        quantity=Decimal(row["quantity"]),
    )


def _order_line(row: dict[str, str]) -> OrderLine:
    return OrderLine(
        order_number=row["order_number"],
        supplier_code=row["supplier_code"],
        order_date=dt.date.fromisoformat(row["order_date"]),
        delivery_date=dt.date.fromisoformat(row["delivery_date"]),
        location_code=row["location_code"],
        item_code=row["item_code"],
        lot_number=row["lot_number"],
        ordered=Decimal(row["ordered_quantity"]),
        received=Decimal(row["received_quantity"]),
        unit_price=Decimal(row["unit_price"]),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _named(rows: list[dict[str, str]], entity: str) -> list[Named]:
    return [
        Named(code=row[f"{entity}_code"], name=row[f"{entity}_name"]) for row in rows
    ]


def _item(row: dict[str, str]) -> Item:
    return Item(
        code=row["item_code"],
        name=row["name"],
        category=row["category"],
        cost_price=Decimal(row["cost_price"]),
        lot_tracked=row["lot_tracked"].lower() in {"true", "1", "yes"},
        supplier_code=row["supplier_code"],
    )


def _cost_price(row: dict[str, str]) -> CostPrice:
    return CostPrice(
        item_code=row["item_code"],
        valid_from=dt.date.fromisoformat(row["valid_from"]),
        cost_price=Decimal(row["cost_price"]),
    )


def _expense(row: dict[str, str]) -> Expense:
    return Expense(
        period_end=dt.date.fromisoformat(row["period"]),
        cost_center_code=row["cost_center_code"],
        account_code=row["account_code"],
        amount=Decimal(row["amount"]),
    )


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in FILES:
        content = (folder / f"{name}.csv").read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
