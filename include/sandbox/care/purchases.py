"""Purchase orders of the weeks before the year: what they brought is opening stock."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from sandbox.care.stock import StockBalance
from sandbox.chance import Chance
from sandbox.extract.period import period

ORDERS = 15
LINES = 4
BEFORE_OPENING = timedelta(days=45)
DELIVERED_AFTER = timedelta(days=9)
SHORT_EVERY = 5
STILL_OPEN = 2
OFF_PRICE = 0.3
OFF_BY = (-150, 250, 600)  # basis points of the price agreed
PRICE = Decimal("0.0001")

ORDER_COLUMNS = (
    "order_number",
    "supplier_code",
    "order_date",
    "delivery_date",
    "location_code",
    "item_code",
    "lot_number",
    "ordered_quantity",
    "received_quantity",
    "unit_price",
)


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """One item and lot that was ordered for a store, and what of it came."""

    number: str
    ordered_on: date
    stock: StockBalance
    ordered: int
    received: int

    @property
    def delivered_on(self) -> date:
        """The day of delivery: of what came, and of what is still to come."""
        return self.ordered_on + DELIVERED_AFTER

    @property
    def unit_price(self) -> Decimal:
        """What the supplier took: now and then not what was agreed on the day."""
        price = self.stock.item.agreed_price(self.ordered_on)
        chance = Chance("order price", self.number, self.stock.item.code)
        if not chance.happens(OFF_PRICE):
            return price
        points = Decimal(chance.pick(OFF_BY)).scaleb(-4)
        return (price * (1 + points)).quantize(PRICE)

    @property
    def row(self) -> tuple[object, ...]:
        """The values of ORDER_COLUMNS, for the ERP and for the truth."""
        return (
            self.number,
            self.stock.item.supplier_code,
            self.ordered_on.isoformat(),
            self.delivered_on.isoformat(),
            self.stock.location_code,
            self.stock.item.code,
            self.stock.lot.number if self.stock.lot else "",
            self.ordered,
            self.received,
            self.unit_price,
        )


def order_lines(seed: int, stock: Sequence[StockBalance]) -> list[OrderLine]:
    """Return the lines of every order; no store's item and lot is ordered twice.

    Every fifth order came short, and the last ones have not come at all.
    """
    waiting = _by_supplier(seed, stock)
    first_day = period().first_day - BEFORE_OPENING
    lines = []
    for order in range(ORDERS):
        candidates = waiting[order % len(waiting)]
        is_open = order >= ORDERS - STILL_OPEN
        is_short = order % SHORT_EVERY == SHORT_EVERY - 1
        for each in islice(candidates, LINES):
            lines.append(
                OrderLine(
                    number=f"PO-{order + 1:03d}",
                    ordered_on=first_day + timedelta(days=order),
                    stock=each,
                    ordered=each.opening + (each.opening // 4 + 1) * is_short,
                    received=0 if is_open else each.opening,
                )
            )
    return lines


def _by_supplier(
    seed: int, stock: Sequence[StockBalance]
) -> list[Iterator[StockBalance]]:
    def luck(each: StockBalance) -> int:
        lot = each.lot.number if each.lot else ""
        return Chance(seed, "order", each.location_code, each.item.code, lot).whole(
            0, 10**9
        )

    by_supplier: dict[str, list[StockBalance]] = defaultdict(list)
    for each in sorted(stock, key=luck):
        by_supplier[each.item.supplier_code].append(each)
    return [iter(by_supplier[code]) for code in sorted(by_supplier)]
