"""Money: integer cents where it is posted, and allocation that loses no cent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ledgerline.canonical.errors import Rejected


class AmountScale(Rejected):
    """An amount is not a whole number of cents."""

    code = "AMOUNT_SCALE"


def cents(amount: Decimal) -> int:
    """Return a USD amount as integer cents; refuse NaN, infinity and mills."""
    if not amount.is_finite():
        raise AmountScale("an amount is not a finite number")
    scaled = amount * 100
    whole = int(scaled)
    if scaled != whole:
        raise AmountScale("an amount has more than two decimals")
    return whole


def allocate(total_cents: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Split cents in proportion to integer weights by largest remainder.

    Keys with a weight of zero or less receive nothing. Ties go to the smaller key.
    An empty or all-zero basis returns no shares: the caller reports the total as
    unallocated. The shares of any other basis sum to `total_cents` exactly.
    """
    basis = {key: weight for key, weight in weights.items() if weight > 0}
    whole = sum(basis.values())
    if not whole:
        return {}
    sign = -1 if total_cents < 0 else 1
    parts = {
        key: divmod(abs(total_cents) * weight, whole) for key, weight in basis.items()
    }
    left = abs(total_cents) - sum(share for share, _ in parts.values())
    by_remainder = sorted(parts, key=lambda key: (-parts[key][1], key))
    lucky = set(by_remainder[:left])
    return {key: sign * (parts[key][0] + (key in lucky)) for key in parts}
