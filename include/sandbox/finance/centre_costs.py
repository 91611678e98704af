"""Payroll and overhead by cost centre and month, as the ERP has them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.money import basis_points
from sandbox.network.cost_centres import COST_CENTRES, CostCentreKind, cost_centre_code
from sandbox.network.facilities import FACILITIES, Facility

MONTH_ENDS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))
BENEFITS = 2350
PURCHASED_SERVICES = (700, 1600)
UTILITIES = 1_150_000


@dataclass(frozen=True, kw_only=True)
class CentreCost:
    """One amount posted to a cost centre at a month's end."""

    facility_code: str
    cost_centre_code: str
    month_end: date
    account_code: str
    amount: int


def _monthly_charges(claims: list[Claim]) -> Counter[str]:
    """Return each cost centre's average charges a month, in cents."""
    charges: Counter[str] = Counter()
    for claim in claims:
        for line in claim.lines:
            centre, method = claim.centre_and_method(line)
            if method == "rcc":
                charges[centre] += line.amount
    return Counter(
        {centre: total // len(MONTH_ENDS) for centre, total in charges.items()}
    )


def _wages(
    chance: Chance, facility: Facility, kind: CostCentreKind, charges: int
) -> int:
    fixed = kind.labor_floor * facility.size // 100
    steady = fixed + basis_points(charges, kind.labor_rate)
    return steady * chance.whole(9600, 10400) // 10000


def payroll(seed: int, claims: list[Claim]) -> list[CentreCost]:
    """Return wages and benefits by facility, month and cost centre."""
    charges = _monthly_charges(claims)
    made = []
    for facility in FACILITIES:
        for kind in COST_CENTRES:
            centre = cost_centre_code(facility.code, kind.number)
            for month_end in MONTH_ENDS:
                chance = Chance(seed, "payroll", centre, month_end)
                wages = _wages(chance, facility, kind, charges[centre])
                benefits = basis_points(wages, BENEFITS)
                for account, amount in (("60100", wages), ("60200", benefits)):
                    made.append(
                        CentreCost(
                            facility_code=facility.code,
                            cost_centre_code=centre,
                            month_end=month_end,
                            account_code=account,
                            amount=amount,
                        )
                    )
    return made


def overhead(seed: int, paid: list[CentreCost]) -> list[CentreCost]:
    """Return purchased services, and the utilities that the plant centre carries."""
    made = []
    size = {facility.code: facility.size for facility in FACILITIES}
    for wages in (cost for cost in paid if cost.account_code == "60100"):
        chance = Chance(seed, "overhead", wages.cost_centre_code, wages.month_end)
        amounts = {
            "62100": basis_points(wages.amount, chance.whole(*PURCHASED_SERVICES))
        }
        if wages.cost_centre_code.endswith("-7010"):
            steady = UTILITIES * size[wages.facility_code] // 100
            amounts["62200"] = steady * chance.whole(9000, 11500) // 10000
        for account, amount in amounts.items():
            made.append(
                CentreCost(
                    facility_code=wages.facility_code,
                    cost_centre_code=wages.cost_centre_code,
                    month_end=wages.month_end,
                    account_code=account,
                    amount=amount,
                )
            )
    return made
