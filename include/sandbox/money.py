"""Exact money: whole cents, rounded half up, split without losing one."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def cost_cents(quantity: int, price: Decimal) -> int:
    """Return quantity times price in cents, rounded half up once."""
    return int((quantity * price).quantize(CENT, ROUND_HALF_UP) * 100)


def basis_points(cents: int, points: int) -> int:
    """Return the share of an amount in ten-thousandths, rounded half up."""
    return (cents * points + 5000) // 10000


def text(cents: int) -> str:
    """Return the amount in dollars with two decimals."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def split(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share `total` cents by weight; left-over cents go to the largest remainders.

    Only positive weights take part; ties go to the smaller key. Without any positive
    weight nothing is shared and the result is empty. A credit is shared like a debit.
    """
    if total < 0:
        return {key: -share for key, share in split(-total, weights).items()}
    positive = {key: weight for key, weight in weights.items() if weight > 0}
    base = sum(positive.values())
    shares = {key: total * weight // base for key, weight in positive.items()}
    left = total - sum(shares.values())
    by_remainder = sorted(
        positive, key=lambda key: (-(total * positive[key] % base), key)
    )
    for key in by_remainder[:left]:
        shares[key] += 1
    return shares
