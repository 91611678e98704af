"""The whole months of an extract, from which every other day is counted."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sandbox.extract.reader import resources

FEWEST_MONTHS = 3
EARLIEST = date(2025, 1, 1)  # since when the facilities' codes mean what they do
MONDAY = 0


@dataclass(frozen=True, kw_only=True)
class Period:
    """The months in which the encounters of an extract begin."""

    first_day: date
    last_day: date

    @property
    def month_ends(self) -> tuple[date, ...]:
        """The last day of every month."""
        return tuple(_month_ends(self.first_day, self.last_day))

    @property
    def second_half(self) -> date:
        """The Monday on which the second half begins."""
        return monday(self.first_day + (self.last_day - self.first_day) // 2)

    @property
    def last_but_one(self) -> date:
        """The last day of the last month but one."""
        return self.month_ends[-2]

    def week(self, number: int) -> date:
        """Return a Monday by its number, from 0."""
        return monday(self.first_day) + timedelta(weeks=number)


def monday(earliest: date) -> date:
    """Return the Monday on or after a day."""
    return earliest + timedelta(days=(MONDAY - earliest.weekday()) % 7)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _month_ends(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield month_end(first)
        first = month_end(first) + timedelta(days=1)


@cache
def period() -> Period:
    """Return the months of the extract; ValueError if the sandbox cannot fill them."""
    begun = {
        date.fromisoformat(e["period"]["start"][:10]) for e in resources("Encounter")
    }
    found = Period(first_day=min(begun).replace(day=1), last_day=month_end(max(begun)))
    if len(found.month_ends) < FEWEST_MONTHS or found.first_day < EARLIEST:
        raise ValueError(
            f"the extract's encounters begin from {min(begun)} to {max(begun)}: the "
            f"sandbox needs {FEWEST_MONTHS} months or more, from {EARLIEST} on"
        )
    return found
