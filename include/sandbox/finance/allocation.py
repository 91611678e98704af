"""How each facility allocates its overhead: method, order, bases, and since when."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sandbox.extract.period import period
from sandbox.network.cost_centers import COST_CENTERS, STEPS, cost_center_code
from sandbox.network.facilities import FACILITIES

EVERY_FACILITY = "*"
NEXT_YEAR = "next_year"
METHODS = {EVERY_FACILITY: "step_down", "NRC": "reciprocal"}
COST_MODELS = [
    (EVERY_FACILITY, "other_overhead", "reciprocal", "relative_value"),
    ("NRC", "other_overhead", "step_down", "relative_value"),
    (EVERY_FACILITY, "by_charge", "reciprocal", "charge"),
    (EVERY_FACILITY, NEXT_YEAR, "step_down", "relative_value"),
]
"""What the network's finance considers: overhead the other way, plain charges, and a
year in which housekeeping goes first, plant by hours, and more of wages varies."""
NEXT_STEPS = (("7020", "hours"), ("7010", "hours"), ("7030", "accumulated_cost"))
REBUILT = ("MVH", "6010")  # its theatres get more room in the last month
MORE_SQUARE_FEET = 3100


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """How much a cost center has of a basis from one day to another."""

    facility_code: str
    cost_center_code: str
    basis: str
    quantity: int
    valid_from: str = ""
    valid_to: str = ""

    def holds_in(self, month: date) -> bool:
        """Whether the quantity counts in a month."""
        day = month.isoformat()
        return self.valid_from <= day and (not self.valid_to or day < self.valid_to)


def statistics() -> Iterator[Statistic]:
    """Yield what every center has of every basis, and when that changes."""
    rebuilt = period().month_ends[-1].replace(day=1).isoformat()
    for facility in FACILITIES:
        for kind in COST_CENTERS:
            of = {
                "facility_code": facility.code,
                "cost_center_code": cost_center_code(facility.code, kind.number),
            }
            yield Statistic(**of, basis="hours", quantity=kind.hours)
            feet = Statistic(**of, basis="square_feet", quantity=kind.square_feet)
            if (facility.code, kind.number) != REBUILT:
                yield feet
                continue
            more = kind.square_feet + MORE_SQUARE_FEET
            yield replace(feet, valid_to=rebuilt)
            yield replace(feet, quantity=more, valid_from=rebuilt)


def quantities(facility_code: str, month: date) -> dict[str, dict[str, int]]:
    """Return the quantities of a facility's centers in a month, by basis."""
    held: dict[str, dict[str, int]] = {}
    for each in statistics():
        if each.facility_code == facility_code and each.holds_in(month):
            held.setdefault(each.basis, {})[each.cost_center_code] = each.quantity
    return held


def allocation_method(facility_code: str) -> str:
    """Return how the facility allocates."""
    return METHODS.get(facility_code, METHODS[EVERY_FACILITY])


def allocation_steps(facility_code: str, version: str = "") -> list[tuple[str, str]]:
    """Return the overhead centers in their order, with their bases."""
    steps = NEXT_STEPS if version == NEXT_YEAR else STEPS
    return [(cost_center_code(facility_code, number), basis) for number, basis in steps]
