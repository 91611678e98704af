"""How long a server asks us to wait, whatever form it says it in."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EPOCH_SECONDS = 1e9
"""No wait is 30 years long: a number from here on is a moment."""
_EPOCH_MILLISECONDS = 1e11
FLOOR = 0.05
"""The shortest wait, so that "0" is no busy loop."""


def seconds_to_wait(value: str | None, now: datetime, cap: float) -> float | None:
    """Return the wait that a `Retry-After` header means, between the floor and `cap`.

    Seconds, an HTTP date, epoch seconds and epoch milliseconds are understood; None
    is returned for what is missing or says nothing.
    """
    text = (value or "").strip()
    found = _from_number(text, now)
    if found is None:
        found = _from_date(text, now)
    if found is None:
        return None
    return min(max(found, FLOOR), cap)


def _from_number(text: str, now: datetime) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number) or number < 0:
        return None
    if number >= _EPOCH_MILLISECONDS:
        return number / 1000 - now.timestamp()
    if number >= _EPOCH_SECONDS:
        return number - now.timestamp()
    return number


def _from_date(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
