"""Opening stock: what every store held before the first usage."""

from collections import Counter
from dataclasses import dataclass

from sandbox.care.usages import Usage
from sandbox.chance import Chance
from sandbox.extract.period import period
from sandbox.money import cost_cents
from sandbox.network.cost_centers import PATIENT_CARE, cost_center_code, store_code
from sandbox.network.facilities import FACILITIES
from sandbox.network.items import Item, Lot, all_items, items_by_family

PAR = {"supply": 20, "implant": 2, "drug": 10}
UNUSED_STORE_FAMILIES = {
    "6040": ("central_line", "arterial_line", "iv_set", "flush", "glove_exam"),
    "6060": ("specimen", "reagent", "glove_exam"),
    "6070": ("contrast_set", "glove_exam"),
    "6080": ("Ceftriaxone", "Vancomycin", "Heparin", "NS"),
}


@dataclass(frozen=True, kw_only=True)
class StockBalance:
    """One item and lot in one store: opening, issued and left."""

    location_code: str
    item: Item
    lot: Lot | None
    opening: int
    issued: int

    @property
    def on_hand(self) -> int:
        """What is left after every usage."""
        return self.opening - self.issued

    @property
    def opening_value(self) -> int:
        """The opening quantity at the cost of day one, in cents."""
        return cost_cents(self.opening, self.item.cost_on(period().first_day))


def _issued(used: list[Usage]) -> Counter[tuple[str, str, str]]:
    issued: Counter[tuple[str, str, str]] = Counter()
    for usage in used:
        issued[usage.store_code, usage.item.code, _lot_number(usage.lot)] += (
            usage.quantity
        )
    return issued


def _lot_number(lot: Lot | None) -> str:
    return lot.number if lot else ""


def _ward_stock() -> set[tuple[str, str, str]]:
    """Return what the stores hold from which nothing was recorded as used."""
    held: set[tuple[str, str, str]] = set()
    for facility in FACILITIES:
        for kind in PATIENT_CARE:
            store = store_code(cost_center_code(facility.code, kind.number))
            for family in UNUSED_STORE_FAMILIES.get(kind.number, ()):
                for item in items_by_family()[family]:
                    held.update(
                        (store, item.code, _lot_number(lot)) for lot in _lots(item)
                    )
    return held


def _lots(item: Item) -> tuple[Lot | None, ...]:
    return (*item.lots, *item.expired) or (None,)


def stock_balances(seed: int, used: list[Usage]) -> list[StockBalance]:
    """Return every store's balance; a lot that is used has its sister lot beside it."""
    issued = _issued(used)
    items = {item.code: item for item in all_items()}
    held = _ward_stock()
    for store, item_code, _ in issued:
        held.update(
            (store, item_code, _lot_number(lot)) for lot in _lots(items[item_code])
        )
    balances = []
    for store, item_code, number in sorted(held):
        item = items[item_code]
        out = issued[store, item_code, number]
        spare = Chance(seed, "stock", store, item_code, number).whole(10, 60)
        balances.append(
            StockBalance(
                location_code=store,
                item=item,
                lot=next(
                    (lot for lot in _lots(item) if _lot_number(lot) == number), None
                ),
                opening=out + out * spare // 100 + PAR[item.category],
                issued=out,
            )
        )
    return balances
