"""Figures of the revenue cycle by month, facility and metric, exact."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

EVERYWHERE = "*"
Amount = int | Fraction | Decimal | None
Cell = tuple[date, str, str]  # month, facility, metric


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def dollars(cents: int) -> Fraction:
    """Return cents as dollars."""
    return Fraction(cents, 100)


def rounded(value: Fraction, places: int) -> Decimal:
    """Return a value with some decimal places, rounded half up."""
    scaled = Decimal(value.numerator).scaleb(places) / value.denominator
    return scaled.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-places)


class Cells:
    """Numerator and denominator of every cell; None where nothing is known."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.parts: dict[Cell, tuple[Fraction | None, Fraction | None]] = {}

    def put(self, cell: Cell, numerator: Amount, denominator: Amount = None) -> None:
        """Add both to one cell."""
        before = self.parts.get(cell, (None, None))
        pairs = zip(before, (numerator, denominator), strict=True)
        above, below = (_plus(known, more) for known, more in pairs)
        self.parts[cell] = above, below

    def add(self, cell: Cell, numerator: Amount, denominator: Amount = None) -> None:
        """Add both to a facility's cell and to that of all facilities."""
        self.put(cell, numerator, denominator)
        self.put((cell[0], EVERYWHERE, cell[2]), numerator, denominator)


def _plus(known: Fraction | None, more: Amount) -> Fraction | None:
    if more is None:
        return known
    return Fraction(more) + (known or 0)
