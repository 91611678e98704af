"""Payroll and overhead by cost center and month, as the ERP has them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.extract.period import period
from sandbox.money import basis_points
from sandbox.network.cost_centers import COST_CENTERS, CostCenterKind, cost_center_code
from sandbox.network.facilities import FACILITIES, Facility

BENEFITS = 2350
PURCHASED_SERVICES = (700, 1600)
UTILITIES = 1_150_000


@dataclass(frozen=True, kw_only=True)
class CenterCost:
    """One amount posted to a cost center at a month's end."""

    facility_code: str
    cost_center_code: str
    month_end: date
    account_code: str
    amount: int


def _monthly_charges(claims: list[Claim]) -> Counter[str]:
    """Return each cost center's average charges a month, in cents."""
    charges: Counter[str] = Counter()
    for claim in claims:
        for line in claim.lines:
            center, method = claim.center_and_method(line)
            if method == "rcc":
                charges[center] += line.amount
    months = len(period().month_ends)
    return Counter({center: total // months for center, total in charges.items()})


def _wages(
    chance: Chance, facility: Facility, kind: CostCenterKind, charges: int
) -> int:
    fixed = kind.labor_floor * facility.size // 100
    steady = fixed + basis_points(charges, kind.labor_rate)
    return steady * chance.whole(9600, 10400) // 10000


def payroll(seed: int, claims: list[Claim]) -> list[CenterCost]:
    """Return wages and benefits by facility, month and cost center."""
    charges = _monthly_charges(claims)
    made = []
    for facility in FACILITIES:
        for kind in COST_CENTERS:
            center = cost_center_code(facility.code, kind.number)
            for month_end in period().month_ends:
                chance = Chance(seed, "payroll", center, month_end)
                wages = _wages(chance, facility, kind, charges[center])
                benefits = basis_points(wages, BENEFITS)
                for account, amount in (("60100", wages), ("60200", benefits)):
                    made.append(
                        CenterCost(
                            facility_code=facility.code,
                            cost_center_code=center,
                            month_end=month_end,
                            account_code=account,
                            amount=amount,
                        )
                    )
    return made


def overhead(seed: int, paid: list[CenterCost]) -> list[CenterCost]:
    """Return purchased services, and the utilities that the plant center carries."""
    made = []
    size = {facility.code: facility.size for facility in FACILITIES}
    for wages in (cost for cost in paid if cost.account_code == "60100"):
        chance = Chance(seed, "overhead", wages.cost_center_code, wages.month_end)
        amounts = {
            "62100": basis_points(wages.amount, chance.whole(*PURCHASED_SERVICES))
        }
        if wages.cost_center_code.endswith("-7010"):
            steady = UTILITIES * size[wages.facility_code] // 100
            amounts["62200"] = steady * chance.whole(9000, 11500) // 10000
        for account, amount in amounts.items():
            made.append(
                CenterCost(
                    facility_code=wages.facility_code,
                    cost_center_code=wages.cost_center_code,
                    month_end=wages.month_end,
                    account_code=account,
                    amount=amount,
                )
            )
    return made
