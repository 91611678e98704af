"""Truth of preference cards: what each case used of an item, and why it cost more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.care.cards_on_file import CardLine, card_for, card_lines
from sandbox.care.cases import Case, case_of
from sandbox.care.usages import Usage
from sandbox.hospital import Hospital
from sandbox.money import cost_cents, text
from sandbox.network.items import Item

COLUMNS = (
    "encounter_id",
    "item_code",
    "facility_code",
    "procedure_code",
    "provider_id",
    "card_code",
    "card_item_code",
    "line_kind",
    "standard_quantity",
    "used_quantity",
    "unused_quantity",
    "supply_cost",
    "used_amount",
    "unused_amount",
    "standard_amount",
    "usage_variance_amount",
    "price_variance_amount",
    "substitution_variance_amount",
    "unmeasured_amount",
)
Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Consumed:
    """What a case took of an item, in pieces and cents."""

    opened: int = 0
    unused: int = 0
    cost: int = 0
    unused_cost: int = 0

    @classmethod
    def of(cls, usages: Iterable[Usage]) -> "Consumed":
        """Add usages up."""
        listed = list(usages)
        return cls(
            opened=sum(each.quantity for each in listed),
            unused=sum(each.unused for each in listed),
            cost=sum(each.cost for each in listed),
            unused_cost=sum(each.unused_cost for each in listed),
        )

    @property
    def used(self) -> int:
        """How many were used."""
        return self.opened - self.unused

    @property
    def used_cost(self) -> int:
        """What those that were used cost."""
        return self.cost - self.unused_cost


def card_rows(hospital: Hospital) -> Iterator[Row]:
    """Yield one row a case and item on its card or used in it."""
    lines = list(card_lines())
    taken: dict[str, dict[Item, list[Usage]]] = defaultdict(lambda: defaultdict(list))
    for usage in hospital.usages:
        if usage.is_in_theatre:
            taken[usage.encounter.encounter_id][usage.item].append(usage)
    for encounter in hospital.encounters:
        case = case_of(encounter)
        if case:
            used = taken[encounter.encounter_id]
            yield from _rows(case, card_for(case, lines), used)


def _rows(
    case: Case, card: list[CardLine], taken: dict[Item, list[Usage]]
) -> Iterator[Row]:
    by_item = {line.item: line for line in card}
    expected = {line.item for line in card if line.open_quantity}
    for item in sorted(expected | set(taken), key=lambda item: item.code):
        line = by_item.get(item)
        consumed = Consumed.of(taken.get(item, ()))
        card_code = card[0].card_code if card else ""
        replaced = line.replaces.code if line and line.replaces else ""
        yield (
            case.encounter.encounter_id,
            item.code,
            case.encounter.facility.code,
            case.procedure_code,
            case.surgeon_id,
            card_code,
            (replaced or item.code) if line else "",
            _kind(line, has_card=bool(card)),
            line.open_quantity if line else 0,
            consumed.used,
            consumed.unused,
            text(consumed.cost),
            text(consumed.used_cost),
            text(consumed.unused_cost),
            *map(text, _amounts(line, by_item, consumed, has_card=bool(card))),
        )


def _kind(line: CardLine | None, *, has_card: bool) -> str:
    if line is None:
        return "off_card" if has_card else "no_card"
    if line.replaces:
        return "substitute"
    return "standard" if line.open_quantity else "as_needed"


def _amounts(
    line: CardLine | None,
    by_item: dict[Item, CardLine],
    consumed: Consumed,
    *,
    has_card: bool,
) -> tuple[int, int, int, int, int]:
    """Return standard, usage, price and substitution variance, and unmeasured."""
    if line is None:
        return (
            (0, consumed.used_cost, 0, 0, 0)
            if has_card
            else (0, 0, 0, 0, consumed.used_cost)
        )
    price = _standard_price(by_item[line.replaces] if line.replaces else line)
    standard = cost_cents(line.open_quantity, price)
    usage = cost_cents(consumed.used - line.open_quantity, price)
    rest = consumed.used_cost - standard - usage
    return (
        (standard, usage, 0, rest, 0)
        if line.replaces
        else (standard, usage, rest, 0, 0)
    )


def _standard_price(line: CardLine) -> Decimal:
    """Return what the card says, else what the item cost when the card began."""
    if line.standard_price is None:
        return line.item.cost_on(line.valid_from)
    return line.standard_price
