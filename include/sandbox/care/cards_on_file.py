"""The preference cards that each facility keeps on file, with standard prices.

A family's preferred variant stands on the card, its other one as what may replace it.
Standard prices were set before the year; in its second half they are those of its
first day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.care.cases import Case, surgeons
from sandbox.care.preference_cards import THEATRE
from sandbox.chance import Chance
from sandbox.extract.period import period
from sandbox.network.facilities import FACILITIES
from sandbox.network.items import Item, kept_variants

ANYONE = "*"
BEGUN = date(2020, 1, 1)
MOST_RISE = 600  # basis points of a price since its standard was set
CARDS = {
    "0SRC0J9": ("knee", "ORTHO"),
    "0SR90JA": ("hip", "ORTHO"),
    "0QS636Z": ("hip_fracture", "ORTHO"),
    "0SG00AJ": ("spine_single", "ORTHO"),
    "0SG10AJ": ("spine_multiple", "ORTHO"),
    "027034Z": ("stent", "CARDIO"),
    "021009W": ("bypass", "CARDIO"),
    "0JH606Z": ("pacemaker", "CARDIO"),
    "02RF38Z": ("valve", "CARDIO"),
    "0DTN0ZZ": ("bowel", "SURGERY"),
    "0FT44ZZ": ("gallbladder", "SURGERY"),
    "0DTJ4ZZ": ("appendix", "SURGERY"),
    "0WUF0JZ": ("hernia", "SURGERY"),
    "10E0XZZ": ("delivery", "PRIMCARE"),
    "10D00Z1": ("cesarean", "SURGERY"),
}
OWN_CARDS = ("knee", "stent", "gallbladder")  # the first surgeon insists on more


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """One item of a card in one period: open so many, hold so many ready."""

    facility_code: str
    procedure_code: str
    surgeon_id: str
    item: Item
    replaces: Item | None
    open_quantity: int
    hold_quantity: int
    standard_price: Decimal | None
    valid_from: date
    valid_to: date | None

    @property
    def card_code(self) -> str:
        """The card as the hospital names it."""
        owner = "" if self.surgeon_id == ANYONE else f"-{self.surgeon_id}"
        return f"{self.facility_code}-{self.procedure_code}{owner}"

    def holds_on(self, day: date) -> bool:
        """Whether the line is valid on a day."""
        return self.valid_from <= day and (not self.valid_to or day < self.valid_to)


def card_lines() -> Iterator[CardLine]:
    """Yield every line of every card; nobody wrote one for surgery of obesity."""
    for facility in FACILITIES:
        for procedure_code, (archetype, department) in CARDS.items():
            owners = [ANYONE]
            if archetype in OWN_CARDS:
                owners += surgeons().get(department, ())[:1]
            for owner in owners:
                yield from _lines(facility.code, procedure_code, archetype, owner)


def _lines(
    facility_code: str, procedure_code: str, archetype: str, owner: str
) -> Iterator[CardLine]:
    changed_on = period().second_half
    for family, fewest, most in THEATRE[archetype]:
        preferred, other = kept_variants(facility_code, family)
        usual = most if owner != ANYONE else (fewest + most + 1) // 2
        for item, replaces in ((preferred, None), (other, preferred)):
            if item is replaces:
                continue
            for begins, ends in ((BEGUN, changed_on), (changed_on, None)):
                yield CardLine(
                    facility_code=facility_code,
                    procedure_code=procedure_code,
                    surgeon_id=owner,
                    item=item,
                    replaces=replaces,
                    open_quantity=usual if fewest and not replaces else 0,
                    hold_quantity=0 if fewest or replaces else most,
                    standard_price=_standard_price(item, ends),
                    valid_from=begins,
                    valid_to=ends,
                )


def _standard_price(item: Item, until: date | None) -> Decimal | None:
    """Return what the item was to cost; None where nobody set it."""
    if until is None:
        return item.cost_on(period().second_half)
    chance = Chance("standard price", item.code)
    if chance.happens(0.2):
        return None
    rise = Decimal(chance.whole(0, MOST_RISE)).scaleb(-4)
    return (item.cost_on(period().first_day) * (1 - rise)).quantize(Decimal("0.0001"))


def card_for(case: Case, lines: list[CardLine]) -> list[CardLine]:
    """Return the lines of the card of a case: the surgeon's own, else everybody's."""
    valid = [
        line
        for line in lines
        if line.procedure_code == case.procedure_code
        and line.facility_code == case.encounter.facility.code
        and line.holds_on(case.encounter.first_day)
    ]
    own = [line for line in valid if line.surgeon_id == case.surgeon_id]
    return own or [line for line in valid if line.surgeon_id == ANYONE]
