"""The orders of the weeks before day one, and the receipts of what they brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.erp.hospital.inputs import OrderLine
from sandbox.erp.rpc import Rpc, Values


@dataclass(frozen=True, kw_only=True)
class Stockroom:
    """The ids of what is ordered and where it goes."""

    company: int
    unit: int
    warehouse: Values
    locations: Mapping[str, int]
    products: Mapping[str, int]
    lots: Mapping[tuple[str, str], int]

    def lot(self, item_code: str, number: str) -> int | None:
        """Return the id of an item's lot; None for an item without lots."""
        return self.lots[item_code, number] if number else None


Order = Sequence[OrderLine]


def purchase(rpc: Rpc, stockroom: Stockroom, lines: Sequence[OrderLine]) -> None:
    """Order the lines, by order number, and receive what came into the stores."""
    orders: dict[str, list[OrderLine]] = {}
    for line in lines:
        orders.setdefault(line.order_number, []).append(line)
    if not orders:
        return
    suppliers = _suppliers(rpc)
    ids = rpc.create(
        "purchase.purchase",
        [_order(stockroom, suppliers, lines) for lines in orders.values()],
    )
    for step in ("quote", "confirm", "process"):
        rpc.call("purchase.purchase", step, ids)
    _receive(rpc, stockroom, suppliers, dict(zip(ids, orders.values(), strict=True)))


def _suppliers(rpc: Rpc) -> dict[str, Values]:
    rows = rpc.find("party.party", [["code", "!=", None]], ["code", "addresses"])
    return {row["code"]: row for row in rows}


def _order(
    stockroom: Stockroom, suppliers: Mapping[str, Values], lines: Order
) -> Values:
    first = lines[0]
    return {
        "company": stockroom.company,
        "party": suppliers[first.supplier_code]["id"],
        "invoice_address": suppliers[first.supplier_code]["addresses"][0],
        "warehouse": stockroom.warehouse["id"],
        "reference": first.order_number,
        "purchase_date": first.order_date,
        "invoice_method": "manual",
        "lines": [
            [
                "create",
                [
                    {
                        "type": "line",
                        "product": stockroom.products[line.item_code],
                        "unit": stockroom.unit,
                        "quantity": float(line.ordered),
                        "unit_price": line.unit_price,
                        "delivery_date_edit": True,
                        "delivery_date_store": line.delivery_date,
                    }
                    for line in lines
                ],
            ]
        ],
    }


def _receive(
    rpc: Rpc,
    stockroom: Stockroom,
    suppliers: Mapping[str, Values],
    orders: Mapping[int, Order],
) -> None:
    """Receive each order in one shipment; the rest of a line stays on order."""
    moves = _moves(rpc, orders)
    shipped = {
        order: [line for line in lines if line.received]
        for order, lines in orders.items()
        if any(line.received for line in lines)
    }
    arriving = [(line, moves[line]) for lines in shipped.values() for line in lines]
    _write(rpc, [(move, _arrival(stockroom, line)) for line, move in arriving])
    shipments = rpc.create(
        "stock.shipment.in",
        [
            {
                "company": stockroom.company,
                "supplier": suppliers[lines[0].supplier_code]["id"],
                "warehouse": stockroom.warehouse["id"],
                "warehouse_input": stockroom.warehouse["input_location"],
                "warehouse_storage": stockroom.warehouse["storage_location"],
                "reference": f"DN-{lines[0].order_number}",
                "planned_date": lines[0].delivery_date,
                "effective_date": lines[0].delivery_date,
                "incoming_moves": [["add", [moves[line] for line in lines]]],
            }
            for lines in shipped.values()
        ],
    )
    rpc.call("stock.shipment.in", "receive", shipments)
    _put_away(rpc, stockroom, {move: line for line, move in arriving})
    rpc.call("stock.shipment.in", "do", shipments)


def _moves(rpc: Rpc, orders: Mapping[int, Order]) -> dict[OrderLine, int]:
    """Return the move that Tryton planned for each line; both are in line order."""
    rows = rpc.find(
        "purchase.line",
        [["purchase", "in", list(orders)]],
        ["purchase", "moves"],
    )
    planned: dict[int, list[int]] = {}
    for row in rows:
        planned.setdefault(row["purchase"], []).extend(row["moves"])
    return {
        line: move
        for order, lines in orders.items()
        for line, move in zip(lines, planned[order], strict=True)
    }


def _arrival(stockroom: Stockroom, line: OrderLine) -> Values:
    return {
        "quantity": float(line.received),
        "lot": stockroom.lot(line.item_code, line.lot_number),
        "effective_date": line.delivery_date,
    }


def _put_away(rpc: Rpc, stockroom: Stockroom, lines: Mapping[int, OrderLine]) -> None:
    """Send what was received on to its store instead of the common storage."""
    origins = [f"stock.move,{move}" for move in lines]
    rows = rpc.find("stock.move", [["origin", "in", origins]], ["origin"])
    placed = []
    for row in rows:
        line = lines[int(row["origin"].partition(",")[2])]
        arrival = _arrival(stockroom, line)
        store = stockroom.locations[line.location_code]
        placed.append((row["id"], {**arrival, "to_location": store}))
    _write(rpc, placed)


def _write(rpc: Rpc, changes: Sequence[tuple[int, dict[str, object]]]) -> None:
    pairs = [part for move, values in changes for part in ([move], values)]
    rpc.call("stock.move", "write", *pairs)
