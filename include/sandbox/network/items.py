"""The item master: items, their cost prices, suppliers, lots and native numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from sandbox.chance import Chance
from sandbox.extract.period import period
from sandbox.network.catalogue import SUPPLIERS, Family, families
from sandbox.network.facilities import Facility
from sandbox.network.identifiers import device_identifier

EXPIRED = 0.15
DEARER = 0.5  # items of which the price rose while orders were made
DEARER_BY = (100, 700)  # basis points of the new price
PRICED_BEFORE = timedelta(days=38)  # the first day of new prices, before the extract
COSTLIER = 0.3  # items of which the ERP's cost price rose within the extract
COSTLIER_BY = (200, 900)  # basis points of the new price
COSTED_ANEW = timedelta(days=10)  # the first day of it, after the second half began
RENUMBERED = ("Surgical glove", "Femoral head")
BEGUN = date(2020, 1, 1)
FRESH = timedelta(days=92)  # how long the first lots keep, at least, after the end


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A lot of an item and the day it expires."""

    number: str
    expires: date


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is bought, stocked and used; its cost price is today's."""

    number: int
    name: str
    category: str
    cost_price: Decimal
    supplier_code: str
    hcpcs: str
    lots: tuple[Lot, ...]
    expired: tuple[Lot, ...] = ()

    @property
    def code(self) -> str:
        """The ERP's item code."""
        return f"ITM{self.number:05d}"

    @property
    def device_identifier(self) -> str:
        """The device identifier of the item's UDI."""
        return device_identifier(self.number)

    def cost_prices(self) -> tuple[tuple[Decimal, date], ...]:
        """Return the cost prices that the ERP dates, each with its first day."""
        chance = Chance("cost price", self.code)
        if not chance.happens(COSTLIER):
            return ((self.cost_price, BEGUN),)
        points = Decimal(chance.whole(*COSTLIER_BY)).scaleb(-4)
        before = (self.cost_price * (1 - points)).quantize(Decimal("0.0001"))
        changed_on = period().second_half + COSTED_ANEW
        return (before, BEGUN), (self.cost_price, changed_on)

    def cost_on(self, day: date) -> Decimal:
        """Return what one cost on a day."""
        return [price for price, since in self.cost_prices() if since <= day][-1]

    def agreed_prices(self) -> tuple[tuple[Decimal, date | None], ...]:
        """Return what its supplier asked, each with the first day of the next price."""
        chance = Chance("agreed price", self.code)
        if not chance.happens(DEARER):
            return ((self.cost_price, None),)
        points = Decimal(chance.whole(*DEARER_BY)).scaleb(-4)
        before = (self.cost_price * (1 - points)).quantize(Decimal("0.0001"))
        return (before, period().first_day - PRICED_BEFORE), (self.cost_price, None)

    def agreed_price(self, day: date) -> Decimal:
        """Return what its supplier asked for one on a day."""
        return next(
            price
            for price, until in self.agreed_prices()
            if until is None or day < until
        )

    def lot_used_on(self, day: date) -> Lot | None:
        """Return the lot that is open on a day; none for an item without lots."""
        if not self.lots:
            return None
        return self.lots[0 if day < period().second_half else 1]


def native_codes(item: Item, facility: Facility) -> tuple[tuple[str, date | None], ...]:
    """Return the numbers of an item in the facility's EHR, each with its last day.

    One facility gave some items other numbers in the middle of the extract.
    """
    if not facility.has_own_items:
        return ((item.code, None),)
    number = f"{10000 + item.number * 7919 % 89989:05d}"
    if item.name.partition(",")[0] not in RENUMBERED:
        return ((f"NR-{number}", None),)
    last_day = period().second_half - timedelta(days=1)
    return (f"NR-{number}", last_day), (f"NRX-{number}", None)


def native_code(item: Item, facility: Facility, day: date) -> str:
    """Return the number that the facility's EHR uses for an item on a day."""
    return next(
        number
        for number, last_day in native_codes(item, facility)
        if last_day is None or day <= last_day
    )


def supplier_codes() -> dict[str, str]:
    """Return the suppliers' names by code."""
    return {f"SUP{number:03d}": name for number, name in enumerate(SUPPLIERS, start=1)}


def _price(family: Family, variant: str) -> Decimal:
    share = Decimal(Chance("price", family.code, variant).whole(0, 1000)) / 1000
    low, high = Decimal(family.low_price), Decimal(family.high_price)
    return (low + (high - low) * share).quantize(Decimal(10) ** -family.price_places)


def _lots(number: int, category: str) -> tuple[Lot, ...]:
    if category == "supply":
        return ()
    chance = Chance("lots", number)
    first = period().last_day + FRESH + timedelta(days=chance.whole(0, 240))
    second = first + timedelta(days=chance.whole(120, 400))
    letters = "".join(chance.pick("ABCDEFGHJKLMNPRSTUVWXY") for _ in range(2))
    return (
        Lot(number=f"{letters}{number:04d}-1", expires=first),
        Lot(number=f"{letters}{number:04d}-2", expires=second),
    )


def _expired(number: int, category: str) -> tuple[Lot, ...]:
    """Return the lot of an item that nobody used before it expired."""
    chance = Chance("expired lot", number)
    if category == "supply" or not chance.happens(EXPIRED):
        return ()
    day = period().first_day + timedelta(days=chance.whole(5, 80))
    return (Lot(number=f"XP{number:04d}-0", expires=day),)


@cache
def items_by_family() -> Mapping[str, tuple[Item, ...]]:
    """Return the whole item master, grouped by family code."""
    made: dict[str, tuple[Item, ...]] = {}
    number = 0
    for family in families():
        items = []
        for variant in family.variants:
            number += 1
            items.append(
                Item(
                    number=number,
                    name=f"{family.name}, {variant}",
                    category=family.category,
                    cost_price=_price(family, variant),
                    supplier_code=f"SUP{family.supplier_number:03d}",
                    hcpcs=family.hcpcs,
                    lots=_lots(number, family.category),
                    expired=_expired(number, family.category),
                )
            )
        made[family.code] = tuple(items)
    return made


def all_items() -> list[Item]:
    """Return every item in the order of its code."""
    return [item for items in items_by_family().values() for item in items]


def kept_variants(facility_code: str, family: str) -> tuple[Item, Item]:
    """Return the variant of a family that a facility prefers, and its other one."""
    variants = items_by_family()[family]
    first = Chance("standard", facility_code, family).whole(0, len(variants) - 1)
    return variants[first], variants[(first + 1) % len(variants)]
