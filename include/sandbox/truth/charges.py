"""Charges with what they cost: overhead stepped down, center costs shared by charge."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.finance.accounts import CLASS_BY_ACCOUNT
from sandbox.finance.allocation import allocation_method, allocation_steps, quantities
from sandbox.finance.center_costs import CenterCost
from sandbox.hospital import Hospital
from sandbox.money import split
from sandbox.truth.allocation import COMPONENTS, METHODS, Pools


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
    costs: Mapping[str, int]

    @property
    def month(self) -> date:
        """The first day of the service month."""
        return self.line.service_date.replace(day=1)


@dataclass(frozen=True, kw_only=True)
class UnallocatedCost:
    """A pool that found no charge to stand on."""

    facility_code: str
    month: date
    cost_center_code: str
    component: str
    amount: int


def _direct_pools(costs: Iterable[CenterCost]) -> dict[tuple[str, date], Pools]:
    pools: dict[tuple[str, date], Pools] = defaultdict(
        lambda: defaultdict(lambda: dict.fromkeys(COMPONENTS, 0))
    )
    for cost in costs:
        key = cost.facility_code, cost.month_end.replace(day=1)
        component = CLASS_BY_ACCOUNT[cost.account_code]
        pools[key][cost.cost_center_code][component] += cost.amount
    return pools


def _uncosted(hospital: Hospital) -> list[Charge]:
    made = []
    for course in hospital.courses:
        for submission, number, line in course.charges():
            center, method = course.claim.center_and_method(line)
            made.append(
                Charge(
                    charge_id=submission.charge_id(number),
                    line_control_number=submission.line_control_number(number),
                    claim=course.claim,
                    line=line,
                    sent_on=submission.sent_on,
                    cost_center_code=center,
                    cost_method=method,
                    costs={},
                )
            )
    return made


def costed_charges(hospital: Hospital) -> tuple[list[Charge], list[UnallocatedCost]]:
    """Return every charge with its costs, and the pools that no charge could take."""
    charges = _uncosted(hospital)
    bases: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    for charge in charges:
        if charge.cost_method == "rcc":
            bases[charge.cost_center_code, charge.month][charge.charge_id] = (
                charge.line.amount
            )
    shares: dict[str, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(COMPONENTS, 0)
    )
    left: list[UnallocatedCost] = []
    for (facility_code, month), pools in _direct_pools(
        [*hospital.payroll, *hospital.overhead]
    ).items():
        allocate = METHODS[allocation_method(facility_code)]
        steps = allocation_steps(facility_code)
        allocate(pools, steps, quantities(facility_code, month))
        for center, components in pools.items():
            for component, amount in components.items():
                shared = split(amount, bases[center, month])
                for charge_id, cents in shared.items():
                    shares[charge_id][component] += cents
                if amount and not shared:
                    left.append(
                        UnallocatedCost(
                            facility_code=facility_code,
                            month=month,
                            cost_center_code=center,
                            component=component,
                            amount=amount,
                        )
                    )
    costed = [replace(each, costs=shares[each.charge_id]) for each in charges]
    return costed, left
