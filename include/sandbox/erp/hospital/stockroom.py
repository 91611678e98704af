"""The supply side of the set-up: suppliers, items, lots, stores, opening stock."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.erp.hospital.inputs import Inputs, Item
from sandbox.erp.hospital.purchases import Stockroom, purchase
from sandbox.erp.rpc import Rpc, Values

CATEGORIES = {
    "supply": "Medical supplies",
    "implant": "Implants",
    "drug": "Drugs",
}
BATCH = 500
WAREHOUSE = ("input_location", "storage_location", "lost_found_location")
# A tracked item is moved with its lot wherever it goes.
LOT_REQUIRED = ["storage", "lost_found", "supplier", "customer"]


def stock_up(rpc: Rpc, company: int, inputs: Inputs) -> None:
    """Create masters, then put the opening stock into every store.

    Some of it comes by purchase order; the rest is counted.
    """
    rpc.create(
        "party.party",
        [
            {"code": row.code, "name": row.name, "addresses": [["create", [{}]]]}
            for row in inputs.suppliers
        ],
    )
    products = _items(rpc, inputs)
    _date_prices(rpc, company, inputs)
    warehouse = rpc.find("stock.location", [["type", "=", "warehouse"]], WAREHOUSE)[0]
    stockroom = Stockroom(
        company=company,
        unit=rpc.find_id("product.uom", [["symbol", "=", "u"]]),
        warehouse=warehouse,
        products=products,
        lots=_lots(rpc, inputs, products),
        locations=_locations(rpc, inputs, warehouse),
    )
    purchase(rpc, stockroom, inputs.order_lines)
    _count(rpc, stockroom, inputs)


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


def _date_prices(rpc: Rpc, company: int, inputs: Inputs) -> None:
    """Tell from when on a price that changed held; items show the last one."""
    rows = rpc.find("product.product", [["code", "!=", None]], ["code", "template"])
    items = {row["code"]: row for row in rows}
    rpc.create(
        "product.cost_price.revision",
        [
            {
                "company": company,
                "template": items[row.item_code]["template"],
                "product": items[row.item_code]["id"],
                "date": row.valid_from,
                "cost_price": str(row.cost_price),
            }
            for row in inputs.cost_prices
        ],
    )


def _template(item: Item, unit: int, categories: Mapping[str, int]) -> Values:
    return {
        "name": item.name,
        "code": item.code,
        "type": "goods",
        "default_uom": unit,
        "purchasable": True,
        "purchase_uom": unit,
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
            {
                "product": products[lot.item_code],
                "number": lot.number,
                "expiration_date": lot.expiration_date,
            }
            for lot in inputs.lots
        ],
    )
    return {
        (lot.item_code, lot.number): key
        for lot, key in zip(inputs.lots, ids, strict=True)
    }


def _locations(rpc: Rpc, inputs: Inputs, warehouse: Values) -> dict[str, int]:
    """Create the department stores in the warehouse, and where consumption goes."""
    parent = warehouse["storage_location"]
    stores: list[Values] = [
        {"code": row.code, "name": row.name, "type": "storage", "parent": parent}
        for row in inputs.stores
    ]
    consumed = {
        "code": "CONSUMED",
        "name": "Patient consumption",
        "type": "lost_found",
    }
    rows = [*stores, consumed]
    ids = rpc.create("stock.location", rows)
    return {row["code"]: key for row, key in zip(rows, ids, strict=True)}


def _count(rpc: Rpc, stockroom: Stockroom, inputs: Inputs) -> None:
    """Move the counted stock into the stores, so that it is there on day one.

    Moves out of the lost-and-found location are what an inventory count makes too;
    made directly they cost a third less.
    """
    moves = [
        {
            "company": stockroom.company,
            "product": stockroom.products[row.item_code],
            "lot": stockroom.lot(row.item_code, row.lot_number),
            "unit": stockroom.unit,
            "quantity": float(row.quantity),
            "from_location": stockroom.warehouse["lost_found_location"],
            "to_location": stockroom.locations[row.location_code],
            "effective_date": inputs.opening_date,
        }
        for row in inputs.counted_stock
    ]
    created = rpc.create("stock.move", moves, batch=BATCH)
    for start in range(0, len(created), BATCH):
        rpc.call("stock.move", "do", created[start : start + BATCH])
