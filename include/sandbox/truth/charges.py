"""Charges with what they cost: overhead allocated, center costs shared by charge."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.finance.accounts import CLASS_BY_ACCOUNT
from sandbox.finance.allocation import allocation_method, allocation_steps, quantities
from sandbox.finance.center_costs import CenterCost
from sandbox.hospital import Hospital
from sandbox.network.cost_centers import CAPACITY, RELATIVE_VALUES
from sandbox.network.facilities import FACILITIES
from sandbox.truth.cost.allocation import COMPONENTS, METHODS, Pools
from sandbox.truth.cost.reclassification import reclassified
from sandbox.truth.cost.sharing import Demand, share
from sandbox.truth.cost.variable import VariableCost

UNALLOCATED = ("unallocated", "unallocated", "unallocated", "unallocated")


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A charge line with its identity, cost center and share of each component."""

    charge_id: str
    line_control_number: str
    claim: Claim
    line: ChargeLine
    sent_on: date
    cost_center_code: str
    cost_method: str
    weight: Decimal | None  # relative value or minutes, times quantity
    costs: Mapping[str, int]

    @property
    def month(self) -> date:
        """The first day of the service month."""
        return self.line.service_date.replace(day=1)


@dataclass(frozen=True, kw_only=True)
class UnallocatedCost:
    """Cost that no charge could take, and why."""

    facility_code: str
    month: date
    cost_center_code: str
    component: str
    reason: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class VariablePart:
    """Some cents that vary with volume, and where they count."""

    facility_code: str
    month: date
    encounter_id: str
    service_line_code: str
    payer_class: str
    amount: int


def direct_pools(costs: Iterable[CenterCost]) -> dict[tuple[str, date], Pools]:
    """Return what every center of a facility and month cost, by component."""
    pools: dict[tuple[str, date], Pools] = defaultdict(
        lambda: defaultdict(lambda: dict.fromkeys(COMPONENTS, 0))
    )
    for cost in costs:
        key = cost.facility_code, cost.month_end.replace(day=1)
        component = CLASS_BY_ACCOUNT[cost.account_code]
        pools[key][cost.cost_center_code][component] += cost.amount
    return pools


def _method(line: ChargeLine, number: str, method: str) -> tuple[str, Decimal | None]:
    """Return how a line is costed, and its weight where it has a relative value."""
    value = RELATIVE_VALUES.get(number, {}).get(line.procedure_code)
    if method == "actual" or value is None:
        return method, None
    weight = Decimal(value) * line.quantity
    return ("time" if number in CAPACITY else "rvu"), weight


def _uncosted(hospital: Hospital) -> list[Charge]:
    made = []
    for course in hospital.courses:
        for submission, number, line in course.charges():
            center, charged = course.claim.center_and_method(line)
            method, weight = _method(line, center[-4:], charged)
            made.append(
                Charge(
                    charge_id=submission.charge_id(number),
                    line_control_number=submission.line_control_number(number),
                    claim=course.claim,
                    line=line,
                    sent_on=submission.sent_on,
                    cost_center_code=center,
                    cost_method=method,
                    weight=weight,
                    costs={},
                )
            )
    return made


def minutes_of(facility_code: str, center: str) -> Fraction | None:
    """Return what the center can work in a month, if that is known."""
    if center[-4:] not in CAPACITY:
        return None
    hours, percent = CAPACITY[center[-4:]]
    [size] = [each.size for each in FACILITIES if each.code == facility_code]
    return Fraction(hours * size // 100 * 60 * percent, 100)


def _demands(charges: list[Charge]) -> dict[tuple[str, date], Demand]:
    """Return what was asked of each center and month, its own items apart."""
    made: dict[tuple[str, date], Demand] = {}
    for charge in charges:
        if charge.cost_method == "actual":
            continue
        center = charge.cost_center_code
        minutes = minutes_of(charge.claim.encounter.facility.code, center)
        demand = made.setdefault((center, charge.month), Demand(minutes=minutes))
        demand.charges[charge.charge_id] = charge.line.amount
        if charge.weight is not None:
            demand.values[charge.charge_id] = charge.weight
    return made


def costed_charges(hospital: Hospital) -> tuple[list[Charge], list[UnallocatedCost]]:
    """Return every charge with its costs, and the cost that no charge could take."""
    charges = _uncosted(hospital)
    demands = _demands(charges)
    shares: dict[str, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(COMPONENTS, 0)
    )
    left: list[UnallocatedCost] = []
    costs = reclassified([*hospital.payroll, *hospital.overhead])
    for (facility_code, month), pools in direct_pools(costs).items():
        allocate = METHODS[allocation_method(facility_code)]
        steps = allocation_steps(facility_code)
        allocate(pools, steps, quantities(facility_code, month))
        for center, pool in pools.items():
            known = {component: amount for component, amount in pool.items() if amount}
            shared = share(known, demands.get((center, month), Demand()))
            for (component, charge_id), cents in shared.shares.items():
                shares[charge_id][component] += cents
            left += [
                UnallocatedCost(
                    facility_code=facility_code,
                    month=month,
                    cost_center_code=center,
                    component=component,
                    reason=reason,
                    amount=amount,
                )
                for (component, reason), amount in shared.left.items()
            ]
    costed = [replace(each, costs=shares[each.charge_id]) for each in charges]
    return costed, left


def variable_costs(
    hospital: Hospital, charges: list[Charge], left: list[UnallocatedCost]
) -> list[VariablePart]:
    """Return what of the costs of centers varies, by where the costs are."""
    of = VariableCost(reclassified([*hospital.payroll, *hospital.overhead]))
    for charge in charges:
        encounter = charge.claim.encounter
        row = (
            encounter.encounter_id,
            encounter.service_line_code,
            encounter.patient.payer.payer_class,
            charge.cost_method,
        )
        for component, cents in charge.costs.items():
            of.add((charge.cost_center_code, charge.month, component), row, cents)
    for cost in left:
        pool = cost.cost_center_code, cost.month, cost.component
        of.add(pool, UNALLOCATED, cost.amount)
    return [
        VariablePart(
            facility_code=center.partition("-")[0],
            month=month,
            encounter_id=encounter_id,
            service_line_code=service_line,
            payer_class=payer_class,
            amount=cents,
        )
        for (
            (center, month, _),
            (encounter_id, service_line, payer_class, _),
        ), cents in of.split().items()
    ]
