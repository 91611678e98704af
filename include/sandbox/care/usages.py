"""Supply usage: each item taken from a store for an encounter."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.care import preference_cards
from sandbox.care.encounters import Encounter
from sandbox.care.preference_cards import Card
from sandbox.chance import Chance
from sandbox.extract.reader import resources
from sandbox.money import cost_cents
from sandbox.network.cost_centers import cost_center_code, store_code
from sandbox.network.facilities import DEPARTMENTS
from sandbox.network.items import Item, Lot, items_by_family

VISITS_WITH_SUPPLIES = 0.18
Doses = dict[str, dict[str, list[datetime]]]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A quantity of one item and lot used for one encounter at one time."""

    usage_id: str
    encounter: Encounter
    item: Item
    lot: Lot | None
    quantity: int
    occurred_at: datetime
    is_in_theatre: bool

    @property
    def cost_center_code(self) -> str:
        """The cost center of the department that used it."""
        department = DEPARTMENTS[self.encounter.department_code]
        return cost_center_code(
            self.encounter.facility.code, department.cost_center_number
        )

    @property
    def store_code(self) -> str:
        """The stock location it was taken from."""
        return store_code(self.cost_center_code)

    @property
    def cost(self) -> int:
        """The acquisition cost in cents."""
        return cost_cents(self.quantity, self.item.cost_price)


def doses_given() -> Doses:
    """Return when each drug of the catalogue was given, by encounter and drug."""
    known = items_by_family()
    given: Doses = defaultdict(lambda: defaultdict(list))
    for resource in resources("MedicationAdministration"):
        drug = resource["medicationCodeableConcept"].get("text", "")
        if drug in known and resource["status"] == "completed":
            encounter_id = resource["context"]["reference"].partition("/")[2]
            given[encounter_id][drug].append(
                datetime.fromisoformat(resource["effectiveDateTime"]).replace(
                    microsecond=0
                )
            )
    return given


def _standard_item(facility_code: str, family: str, chance: Chance) -> Item:
    """Return one of the two variants that the facility keeps of a family."""
    variants = items_by_family()[family]
    first = Chance("standard", facility_code, family).whole(0, len(variants) - 1)
    return variants[(first + chance.whole(0, 1)) % len(variants)]


class _Picker:
    """Takes items for one encounter and numbers the usages."""

    def __init__(self, seed: int, encounter: Encounter) -> None:
        self.encounter = encounter
        self.chance = Chance(seed, "usage", encounter.encounter_id)
        self.taken = 0

    def from_card(
        self, card: Card, at: datetime, *, in_theatre: bool
    ) -> Iterator[Usage]:
        for family, fewest, most in card:
            quantity = self.chance.whole(fewest, most)
            item = _standard_item(self.encounter.facility.code, family, self.chance)
            if quantity:
                yield self.take(item, quantity, at, in_theatre=in_theatre)

    def take(
        self, item: Item, quantity: int, at: datetime, *, in_theatre: bool
    ) -> Usage:
        self.taken += 1
        return Usage(
            usage_id=f"use-{self.encounter.account_number.lower()}-{self.taken:03d}",
            encounter=self.encounter,
            item=item,
            lot=item.lot_used_on(at.date()),
            quantity=quantity,
            occurred_at=at,
            is_in_theatre=in_theatre,
        )

    def from_doses(self, doses: dict[str, list[datetime]]) -> Iterator[Usage]:
        end = self.encounter.end or self.encounter.start
        for drug in sorted(doses):
            times = sorted(doses[drug])
            at = min(max(times[0], self.encounter.start), end)
            units = len(times) * (2 if self.encounter.encounter_class == "AMB" else 1)
            item = items_by_family()[drug][0]
            yield self.take(item, units, at, in_theatre=False)


def _of_stay(picker: _Picker) -> Iterator[Usage]:
    encounter = picker.encounter
    stay = encounter.stay
    if stay is None:
        return
    end = encounter.end or encounter.start
    archetype = stay.archetype
    if archetype == "medical" and stay.procedures:
        archetype = "stent"
    if archetype in preference_cards.THEATRE:
        at = min(encounter.start + timedelta(hours=3), end)
        yield from picker.from_card(
            preference_cards.THEATRE[archetype], at, in_theatre=True
        )
    at = min(encounter.start + timedelta(hours=20), end)
    yield from picker.from_card(preference_cards.ward(encounter), at, in_theatre=False)


def _of_visit(picker: _Picker, *, has_infusion: bool) -> Iterator[Usage]:
    encounter = picker.encounter
    is_visit = encounter.encounter_class == "AMB" and not has_infusion
    if is_visit and not picker.chance.happens(VISITS_WITH_SUPPLIES):
        return
    card = preference_cards.visit(encounter, has_infusion)
    yield from picker.from_card(card, encounter.start, in_theatre=False)


def usages(seed: int, listed: list[Encounter]) -> list[Usage]:
    """Return every usage; the stay that is still in progress has none yet."""
    given = doses_given()
    made: list[Usage] = []
    for encounter in listed:
        if not encounter.is_finished:
            continue
        picker = _Picker(seed, encounter)
        doses = given.get(encounter.encounter_id, {})
        if encounter.is_inpatient:
            made.extend(_of_stay(picker))
        else:
            made.extend(_of_visit(picker, has_infusion=bool(doses)))
        made.extend(picker.from_doses(doses))
    return made
