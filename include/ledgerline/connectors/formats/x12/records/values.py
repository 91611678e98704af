"""Check the values that a record takes from X12: amounts, quantities, dates.

What is checked often is remembered: amounts and dates come again and again.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ledgerline.canonical.money import AmountScale, cents
from ledgerline.connectors.formats.record import RefusalClass

_NUMBER = re.compile(r"-?(?:\d{1,12}(?:\.\d{0,10})?|\.\d{1,10})", re.ASCII)
"""No more digits than the warehouse holds and adds up; the guides allow eight."""
_DOLLARS = re.compile(r"\d{1,12}\.\d\d", re.ASCII)
_DAY_LENGTH = 8
_LONGEST = 40


Notes = list[tuple[RefusalClass, str]]
"""What is not as it should be, and in which element, where it breaks no record."""


class Unreadable(ValueError):
    """A value is not what its place asks for; `element` names it once it is known."""

    element = ""

    def __init__(self, refusal_class: RefusalClass, message: str, text: str) -> None:
        """Keep the class and the value beside the rest of a sentence."""
        super().__init__(message)
        self.refusal_class = refusal_class
        self.message = message
        self.text = text

    def locate(self, elements: list[str], *positions: int) -> None:
        """Name the element that has the text, one of these; else the first of them."""
        at = next((at for at in positions if elements[at] == self.text), positions[0])
        self.element = f"{elements[0]}{at:02}"


@lru_cache(maxsize=65536)
def amount(text: str) -> int:
    """Return an amount as integer cents.

    Raises Unreadable when it is missing, not a plain number, or has mills.
    """
    if _DOLLARS.fullmatch(text):
        return int(text.replace(".", ""))
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        raise Unreadable(RefusalClass.AMOUNT_INVALID, "is not an amount", text)
    try:
        return cents(Decimal(text))
    except AmountScale as error:
        raise Unreadable(
            RefusalClass.AMOUNT_SCALE, "has more than two decimals", text
        ) from error


def money(text: str) -> str:
    """Return an amount as written; raises as `amount` does."""
    amount(text)
    return text


def dollars(text: str) -> str:
    """Return a currency: US dollars, which is also what none means."""
    if text not in {"", "USD"}:
        raise Unreadable(
            RefusalClass.CODE_INVALID, "is a currency other than USD", text
        )
    return text


@lru_cache(maxsize=4096)
def number(text: str) -> str:
    """Return a quantity as written, also when there is none."""
    if text and (len(text) > _LONGEST or not _NUMBER.fullmatch(text)):
        raise Unreadable(RefusalClass.NUMBER_INVALID, "is not a number", text)
    return text


def whole(text: str) -> int | None:
    """Return a count, None when there is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise Unreadable(RefusalClass.NUMBER_INVALID, "is not a count", text)
    return int(text)


@lru_cache(maxsize=4096)
def day(text: str) -> str:
    """Return a date as yyyymmdd; the time of a date and time is left out."""
    found = text[:_DAY_LENGTH]
    try:
        is_short = len(found) == _DAY_LENGTH and len(text) <= _LONGEST
        if not (is_short and found.isascii() and found.isdecimal()):
            raise ValueError
        date(int(found[:4]), int(found[4:6]), int(found[6:]))
    except ValueError as error:
        raise Unreadable(
            RefusalClass.DATE_INVALID, "is missing or no date of the calendar", text
        ) from error
    return found


@lru_cache(maxsize=4096)
def period(text: str) -> tuple[str, str]:
    """Return the first and last day of a date or a range of dates."""
    first, _, last = text.partition("-")
    begin = day(first)
    end = day(last) if last else begin
    if end < begin:
        raise Unreadable(RefusalClass.DATE_INVALID, "ends before it begins", text)
    return begin, end


def components(
    elements: list[str], position: int, separator: str, notes: Notes
) -> list[str]:
    """Return the components of an element; note one that has no separator."""
    element = elements[position]
    parts = element.split(separator)
    if len(parts) == 1 and element:
        notes.append((RefusalClass.CODE_INVALID, f"{elements[0]}{position:02}"))
        return [""]
    return parts
