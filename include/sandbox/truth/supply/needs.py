"""Truth of needs: what each store lacks of its boxed supplies on the last day.

Implants are kept by a forecast, of which the sandbox has no second one.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil

from sandbox.care.requests import requests
from sandbox.files.supply_reference import BOX_OF, LEAD_DAYS, REVIEW_DAYS, SAFETY
from sandbox.hospital import Hospital

COLUMNS = ("location_code", "item_code", "position", "level", "needed")
Row = tuple[object, ...]
Place = tuple[str, str]  # store, item


def need_rows(hospital: Hospital) -> Iterator[Row]:
    """Yield one row a store and supply that was used from it."""
    used = _used(hospital)
    position = _position(hospital)
    days = _days(hospital)
    for place in sorted(used):
        daily = Fraction(used[place], days)
        reorder = _boxes(daily * LEAD_DAYS + SAFETY)
        level = _boxes(daily * (REVIEW_DAYS + LEAD_DAYS) + SAFETY)
        held = position[place]
        needed = _boxes(Fraction(level - held)) if held <= reorder else 0
        yield (*place, held, level, needed)


def _boxes(quantity: Fraction) -> int:
    """Round up to whole boxes, in pieces."""
    return ceil(quantity / BOX_OF) * BOX_OF


def _used(hospital: Hospital) -> Counter[Place]:
    used: Counter[Place] = Counter()
    for usage in hospital.usages:
        if usage.item.category == "supply":
            used[usage.store_code, usage.item.code] += usage.quantity
    return used


def _position(hospital: Hospital) -> Counter[Place]:
    """Sum what is left and, of orders that came in part, what is still to come."""
    held: Counter[Place] = Counter()
    for each in hospital.stock:
        held[each.location_code, each.item.code] += each.on_hand
    for line in hospital.orders:
        if line.received:
            place = line.stock.location_code, line.stock.item.code
            held[place] += line.ordered - line.received
    return held


def _days(hospital: Hospital) -> int:
    """Count the days from the first demand of the year to the last."""
    told: list[date] = [usage.occurred_at.date() for usage in hospital.usages]
    told += [each.usage.occurred_at.date() for each in requests(hospital.usages)]
    return min((max(told) - min(told)).days, 364) + 1
