"""The supply side of the set-up: suppliers, items, lots, stores, opening stock."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from sandbox.erp.books import FISCAL_YEAR
from sandbox.erp.inputs import Inputs, Item
from sandbox.erp.rpc import Rpc, Values

CATEGORIES = {
    "supply": "Medical supplies",
    "implant": "Implants",
    "drug": "Drugs",
}
# A tracked item is moved with its lot wherever it goes.
LOT_REQUIRED = ["storage", "lost_found", "supplier", "customer"]


def stock_up(rpc: Rpc, company: int, inputs: Inputs) -> None:
    """Create masters, then count the opening stock into every store."""
    rpc.create(
        "party.party",
        [{"code": row.code, "name": row.name} for row in inputs.suppliers],
    )
    products = _items(rpc, inputs)
    lots = _lots(rpc, inputs, products)
    locations = _locations(rpc, inputs)
    _count(rpc, company, inputs, (locations, products, lots))


def _items(rpc: Rpc, inputs: Inputs) -> dict[str, int]:
    unit = rpc.find_id("product.uom", [["symbol", "=", "u"]])
    ids = rpc.create(
        "product.category",
        [{"code": code, "name": name} for code, name in CATEGORIES.items()],
    )
    categories = dict(zip(CATEGORIES, ids, strict=True))
    templates = [_template(item, unit, categories) for item in inputs.items]
    rpc.create("product.template", templates)
    rows = rpc.find("product.product", [["code", "!=", None]], ["code"])
    return {row["code"]: row["id"] for row in rows}


def _template(item: Item, unit: int, categories: Mapping[str, int]) -> Values:
    return {
        "name": item.name,
        "code": item.code,
        "type": "goods",
        "default_uom": unit,
        "cost_price_method": "fixed",
        "categories": [["add", [categories[item.category]]]],
        "lot_required": LOT_REQUIRED if item.lot_tracked else [],
        "products": [["create", [{"suffix_code": "", "cost_price": item.cost_price}]]],
    }


def _lots(
    rpc: Rpc, inputs: Inputs, products: Mapping[str, int]
) -> dict[tuple[str, str], int]:
    ids = rpc.create(
        "stock.lot",
        [
            {"product": products[lot.item_code], "number": lot.number}
            for lot in inputs.lots
        ],
    )
    return {
        (lot.item_code, lot.number): key
        for lot, key in zip(inputs.lots, ids, strict=True)
    }


def _locations(rpc: Rpc, inputs: Inputs) -> dict[str, int]:
    warehouse = rpc.find(
        "stock.location", [["type", "=", "warehouse"]], ["storage_location"]
    )[0]
    ids = rpc.create(
        "stock.location",
        [
            {
                "code": row.code,
                "name": row.name,
                "type": row.kind,
                "parent": warehouse["storage_location"]
                if row.kind == "storage"
                else None,
            }
            for row in inputs.locations
        ],
    )
    return {row.code: key for row, key in zip(inputs.locations, ids, strict=True)}


def _count(
    rpc: Rpc,
    company: int,
    inputs: Inputs,
    ids: tuple[Mapping[str, int], Mapping[str, int], Mapping[tuple[str, str], int]],
) -> None:
    """Confirm one inventory a store, so that the stock is there on day one."""
    locations, products, lots = ids
    lines: dict[str, list[Values]] = defaultdict(list)
    for row in inputs.opening_stock:
        lot = lots[row.item_code, row.lot_number] if row.lot_number else None
        lines[row.location_code].append(
            {
                "product": products[row.item_code],
                "lot": lot,
                "quantity": float(row.quantity),
            }
        )
    inventories = [
        {
            "location": locations[code],
            "company": company,
            "date": dt.date(FISCAL_YEAR, 1, 1),
            "empty_quantity": "keep",
            "lines": [["create", counted]],
        }
        for code, counted in sorted(lines.items())
    ]
    created = rpc.create("stock.inventory", inventories, batch=5)
    for start in range(0, len(created), 5):
        rpc.call("stock.inventory", "confirm", created[start : start + 5])
