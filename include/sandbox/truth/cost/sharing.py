"""One center's cost of a month shared by hand: relative values first, then charges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from sandbox.money import split

LOWEST_RATIO, HIGHEST_RATIO = Decimal("0.01"), Decimal(10)
FINEST_VALUE = 10_000


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What the charges of a center ask of it."""

    charges: dict[str, int] = field(default_factory=dict)  # cents by charge
    values: dict[str, Decimal] = field(default_factory=dict)  # weight by charge
    minutes: Fraction | None = None  # what the center can work, if that is known

    @property
    def weighed_charge(self) -> int:
        """The charges in cents that have a relative value."""
        return sum(self.charges[charge_id] for charge_id in self.values)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Cents by component and charge, and by component and reason what nobody takes."""

    shares: dict[tuple[str, str], int] = field(default_factory=dict)
    left: dict[tuple[str, str], int] = field(default_factory=dict)


def _rounded(amount: Fraction) -> int:
    return int((2 * amount + 1) // 2)


def _unused(demand: Demand) -> Fraction:
    """Return the share of the capacity that nobody used."""
    used = Fraction(sum(demand.values.values()))
    if demand.minutes is None or demand.minutes <= used:
        return Fraction(0)
    return (demand.minutes - used) / demand.minutes


def share(pool: Mapping[str, int], demand: Demand) -> Shared:
    """Share a center's cost, cents by component, over what was asked of it."""
    made = Shared()
    total = sum(demand.charges.values())
    if not total:
        for component, amount in pool.items():
            made.left[component, "no_charges"] = amount
        return made
    by_value = {
        component: _rounded(Fraction(amount * demand.weighed_charge, total))
        for component, amount in pool.items()
    }
    plain = {
        charge_id: charge
        for charge_id, charge in demand.charges.items()
        if charge_id not in demand.values
    }
    is_fair = _is_fair(sum(pool.values()) - sum(by_value.values()), plain)
    for component, amount in pool.items():
        unused = _rounded(by_value[component] * _unused(demand))
        rest = amount - by_value[component]
        if unused:
            made.left[component, "unused_capacity"] = unused
        if rest and not is_fair:
            made.left[component, "rcc_out_of_range"] = rest
        weights = {
            charge_id: int(value * FINEST_VALUE)
            for charge_id, value in demand.values.items()
        }
        shares = split(by_value[component] - unused, weights)
        shares |= split(rest, plain if is_fair else {})
        for charge_id, cents in shares.items():
            made.shares[component, charge_id] = cents
    return made


def _is_fair(cost: int, charges: Mapping[str, int]) -> bool:
    """Whether the ratio of cost to charges is one that a cost center can have."""
    total = sum(charges.values())
    return bool(total) and LOWEST_RATIO < Decimal(cost) / total < HIGHEST_RATIO
