"""Supply usage: each item taken from a store for an encounter."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.care import preference_cards
from sandbox.care.cases import Case, case_of
from sandbox.care.encounters import Encounter
from sandbox.care.preference_cards import Card
from sandbox.chance import Chance
from sandbox.extract.reader import resources
from sandbox.money import cost_cents
from sandbox.network.clocks import shown
from sandbox.network.cost_centers import cost_center_code, store_code
from sandbox.network.facilities import DEPARTMENTS
from sandbox.network.items import Item, Lot, items_by_family, kept_variants

VISITS_WITH_SUPPLIES = 0.18
OPENED_IN_VAIN = 0.06
TAKEN_BACK = 0.4
FORGOTTEN = 0.06
BESIDE_THE_CARD = 0.2
Doses = dict[str, dict[str, list[datetime]]]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A quantity of one item and lot opened for one encounter at one time.

    What was opened in vain is unused, and what of it the supplier took back returned.
    """

    usage_id: str
    encounter: Encounter
    item: Item
    lot: Lot | None
    quantity: int
    occurred_at: datetime
    is_in_theatre: bool
    unused: int = 0
    returned: int = 0
    instead_of: Item | None = None

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
    def unit_cost(self) -> Decimal:
        """What one cost on the day."""
        return self.item.cost_on(self.occurred_at.date())

    @property
    def cost(self) -> int:
        """The acquisition cost in cents."""
        return cost_cents(self.quantity, self.unit_cost)

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody charged for any device of its code in this encounter."""
        chance = Chance("forgotten", self.encounter.encounter_id, self.item.hcpcs)
        return self.item.category == "implant" and chance.happens(FORGOTTEN)

    @property
    def unused_cost(self) -> int:
        """The acquisition cost of what was opened in vain, in cents."""
        return cost_cents(self.unused, self.unit_cost)


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
            kept = kept_variants(self.encounter.facility.code, family)
            item = kept[self.chance.whole(0, 1)]
            if quantity:
                usage = self.take(item, quantity, at, in_theatre=in_theatre)
                preferred = None if item is kept[0] else kept[0]
                yield replace(usage, instead_of=preferred)

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
            times = sorted(shown(self.encounter.facility, at) for at in doses[drug])
            at = min(max(times[0], self.encounter.start), end)
            units = len(times) * (2 if self.encounter.encounter_class == "AMB" else 1)
            item = items_by_family()[drug][0]
            yield self.take(item, units, at, in_theatre=False)


def _of_case(picker: _Picker, case: Case, at: datetime) -> Iterator[Usage]:
    """Yield what a case used; now and then one piece more was opened in vain."""
    chance = Chance("opened", case.encounter.encounter_id)
    for usage in picker.from_card(case.usual, at, in_theatre=True):
        if not chance.happens(OPENED_IN_VAIN):
            yield usage
            continue
        goes_back = usage.item.category == "implant" and chance.happens(TAKEN_BACK)
        yield replace(
            usage, quantity=usage.quantity + 1, unused=1, returned=int(goes_back)
        )


def _beside_the_card(picker: _Picker, case: Case, at: datetime) -> Iterator[Usage]:
    chance = Chance("beside the card", case.encounter.encounter_id)
    if chance.happens(BESIDE_THE_CARD):
        [item, _] = kept_variants(case.encounter.facility.code, "tape")
        yield picker.take(item, chance.whole(1, 3), at, in_theatre=True)


def _of_stay(picker: _Picker) -> Iterator[Usage]:
    encounter = picker.encounter
    if encounter.stay is None:
        return
    end = encounter.end or encounter.start
    case = case_of(encounter)
    in_theatre = min(encounter.start + timedelta(hours=3), end)
    if case:
        yield from _of_case(picker, case, in_theatre)
    at = min(encounter.start + timedelta(hours=20), end)
    yield from picker.from_card(preference_cards.ward(encounter), at, in_theatre=False)
    if case:
        yield from _beside_the_card(picker, case, in_theatre)


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
