"""How the pack words dollars, shares, months and the sentence that it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
_COME_OR_GONE = "lines opened, closed or without cases"
EFFECTS: Mapping[str, str] = {
    "restatement": "restatement of the month before",
    # Each of these may be about a handful of cases; together they are not.
    "new_service_line": _COME_OR_GONE,
    "vanished_service_line": _COME_OR_GONE,
    "without_volume": _COME_OR_GONE,
    "volume": "volume",
    "case_mix": "case mix",
    "payer_mix": "payer mix",
    "rate": "net revenue per case",
    "usage": "resource use per case",
    "cost_price": "cost prices",
    "allocation": "overhead allocation",
}
LOSSES: Mapping[str, str] = {
    "expired": "Expired in store",
    "opened_unused": "Opened and not used",
    "unbilled": "Used and not billed",
}


def dollars(amount: Decimal | None) -> str:
    """Return whole dollars, as $1,234; a minus sign before the dollar sign."""
    if amount is None:
        return NOTHING
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{MINUS if whole < 0 else ''}${abs(whole):,}"


def cents(amount: Decimal) -> str:
    """Return dollars and cents, for what must be 0.00."""
    return f"{MINUS if amount < 0 else ''}${abs(amount):,.2f}"


def change(amount: Decimal | None) -> str:
    """Return a variance in whole dollars with its sign, as +$1,234."""
    if amount is None:
        return NOTHING
    words = dollars(amount)
    return f"+{words}" if amount > 0 and words != dollars(Decimal(0)) else words


def share(part: Decimal, whole: Decimal | None, *, signed: bool = False) -> str:
    """Return part over |whole| as a percentage with one digit."""
    if not whole:
        return NOTHING
    rate = (100 * part / abs(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    sign = MINUS if rate < 0 else "+" if signed and rate > 0 else ""
    return f"{sign}{abs(rate):,}%"


def percent(rate: Decimal | None) -> str:
    """Return a rate as a whole percentage."""
    if rate is None:
        return NOTHING
    whole = (100 * rate).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{MINUS if whole < 0 else ''}{abs(whole)}%"


def measure(value: Decimal | None, unit: str) -> str:
    """Return a metric of the revenue cycle in its unit."""
    if value is None:
        return NOTHING
    if unit == "rate":
        return share(value, Decimal(1))
    return f"{value.quantize(Decimal('0.1'), ROUND_HALF_UP):,} {unit}"


def month_name(month: date) -> str:
    """Return a month as March 2026."""
    return f"{month:%B %Y}"


def payer_name(payer_class: str) -> str:
    """Return a payer class as people write it."""
    return payer_class.replace("_", "-").capitalize()


def headline(
    month: date,
    margin: Decimal,
    budget: Decimal | None,
    driver: tuple[str, Decimal] | None,
    before: date,
) -> str:
    """Return the one sentence that the month comes down to."""
    words = f"Operating margin was {dollars(margin)} in {month_name(month)}"
    if budget is not None:
        gap = margin - budget
        side = "above" if gap >= 0 else "below"
        words += f", {dollars(abs(gap))} ({share(abs(gap), budget)}) {side} budget"
    if driver is not None:
        words += (
            f". What moved it most since {before:%B}: {driver[0]}, {change(driver[1])}"
        )
    return f"{words}."
