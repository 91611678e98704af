"""ORC and the details that follow it: what is ordered, dispensed or given."""

from __future__ import annotations

from ledgerline.connectors.formats.hl7v2.message import Order
from ledgerline.connectors.formats.hl7v2.separators import Separators
from ledgerline.connectors.formats.hl7v2.values import code, first, number

_DETAILS = {
    "OBR": (1, (4,), (), ()),
    "RQD": (1, (4, 3, 2), (5,), (6,)),
    "RXO": (1, (1,), (11, 2), (12, 4)),
    "RXE": (2, (2,), (10, 3), (11, 5)),
    "RXD": (3, (2,), (4,), (5,)),
    "RXA": (3, (5,), (6,), (7,)),
}
"""Rank, then the fields of code, quantity and unit, the better first.

A detail of higher rank is nearer to what was done and replaces one of lower rank.
"""


def orders(lines: list[str], marks: Separators) -> list[Order]:
    """Return the orders of a message in order; a detail belongs to the ORC before."""
    found: list[Order] = []
    rank = 0
    for line in lines:
        name = line[:3]
        if name == "ORC":
            found.append(_order(line.split(marks.field), marks))
            rank = 0
        elif name in _DETAILS:
            if not found:
                found.append(Order())
            rank = _detail(found[-1], line.split(marks.field), rank, marks)
    return found


def _order(fields: list[str], marks: Separators) -> Order:
    fields += [""] * (4 - len(fields))
    return Order(*(code(fields[at], marks) for at in (1, 2, 3)))


def _detail(order: Order, fields: list[str], rank: int, marks: Separators) -> int:
    own, codes, quantities, units = _DETAILS[fields[0][:3]]
    if own < rank:
        return rank
    name = fields[0]
    coded = _filled(fields, codes, marks)
    parts = coded.split(marks.component)
    order.code = parts[0].split(marks.subcomponent)[0]
    order.code_system = parts[2] if len(parts) > 2 else ""
    for at, unit in zip(quantities, units, strict=True):
        quantity = _filled(fields, (at,), marks)
        if quantity:
            order.quantity = number(code(quantity, marks), f"{name}-{at}")
            order.unit = code(_filled(fields, (unit,), marks), marks)
            break
    return own


def _filled(fields: list[str], places: tuple[int, ...], marks: Separators) -> str:
    given = (first(fields[at], marks) for at in places if at < len(fields))
    return next((field for field in given if field), "")
