"""What service lines cost by another version of the cost model, by hand."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.finance.accounts import NEXT_VARIABLE_PERCENT
from sandbox.finance.allocation import (
    COST_MODELS,
    EVERY_FACILITY,
    NEXT_YEAR,
    allocation_steps,
    quantities,
)
from sandbox.finance.center_costs import CenterCost
from sandbox.hospital import Hospital
from sandbox.truth.charges import Charge, direct_pools, minutes_of
from sandbox.truth.cost.allocation import METHODS
from sandbox.truth.cost.reclassification import reclassified
from sandbox.truth.cost.sharing import Demand, share
from sandbox.truth.cost.variable import PERCENT, VariableCost

UNALLOCATED = ("unallocated", "unallocated")
Key = tuple[date, str]  # month, service line
Asked = dict[tuple[str, date], list[Charge]]  # cost center, month


@dataclass(frozen=True, kw_only=True)
class Version:
    """How a facility would allocate and cost."""

    facility_code: str
    code: str
    allocation_method: str
    charge_method: str


def versions(facility_codes: set[str]) -> Iterator[Version]:
    """Yield every version of every facility, its own before the one of all."""
    for facility in sorted(facility_codes):
        ways = {
            code: Version(
                facility_code=facility,
                code=code,
                allocation_method=allocation,
                charge_method=charge,
            )
            for owner in (EVERY_FACILITY, facility)
            for said, code, allocation, charge in COST_MODELS
            if said == owner
        }
        yield from ways.values()


def _demand(version: Version, center: str, charges: list[Charge]) -> Demand:
    """Return what service lines ask of a center: `line method` is who asks."""
    made = Demand(minutes=minutes_of(version.facility_code, center))
    for charge in charges:
        weight = charge.weight if version.charge_method != "charge" else None
        method = charge.cost_method if weight is not None else "rcc"
        who = f"{charge.claim.encounter.service_line_code} {method}"
        made.charges[who] = made.charges.get(who, 0) + charge.line.amount
        if weight is not None:
            made.values[who] = made.values.get(who, Decimal(0)) + weight
    return made


def _shared(version: Version, costs: list[CenterCost], asked: Asked) -> VariableCost:
    """Return the version's cents of every pool by service line and method."""
    more = NEXT_VARIABLE_PERCENT if version.code == NEXT_YEAR else {}
    made = VariableCost(costs, PERCENT | more)
    for (facility, month), pools in direct_pools(costs).items():
        steps = allocation_steps(facility, version.code)
        METHODS[version.allocation_method](pools, steps, quantities(facility, month))
        for center, pool in pools.items():
            known = {component: amount for component, amount in pool.items() if amount}
            shared = share(known, _demand(version, center, asked[center, month]))
            for (component, who), cents in shared.shares.items():
                made.add((center, month, component), tuple(who.split()), cents)
            for (component, _), cents in shared.left.items():
                made.add((center, month, component), UNALLOCATED, cents)
    return made


def version_costs(
    hospital: Hospital, charges: list[Charge], version: Version
) -> dict[Key, Counter[str]]:
    """Return cost and variable cost in cents by month and service line."""
    asked: Asked = defaultdict(list)
    for charge in charges:
        if charge.cost_method != "actual":
            asked[charge.cost_center_code, charge.month].append(charge)
    booked = reclassified([*hospital.payroll, *hospital.overhead])
    own = [cost for cost in booked if cost.facility_code == version.facility_code]
    shared = _shared(version, own, asked)
    made: dict[Key, Counter[str]] = defaultdict(Counter)
    for (_, month, _), rows in shared.rows.items():
        for (line, _), cents in rows.items():
            made[month, line]["cost"] += cents
    for ((_, month, _), (line, _)), cents in shared.split().items():
        made[month, line]["variable"] += cents
    return made
