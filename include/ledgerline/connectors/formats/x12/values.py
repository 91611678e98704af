"""Check the values that a record takes from X12: amounts, quantities, dates."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from ledgerline.canonical.money import AmountScale, cents
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.segment import Segment

_NUMBER = re.compile(r"-?(?:\d{1,18}(?:\.\d{0,10})?|\.\d{1,10})")
_DAY_LENGTH = 8


def amount(segment: Segment, position: int) -> int:
    """Return an amount as integer cents.

    Raises RecordRefused when it is missing, not a plain number, or has mills.
    """
    text = segment.at(position)
    if not _NUMBER.fullmatch(text, endpos=40):
        raise RecordRefused(
            RefusalClass.AMOUNT_INVALID,
            f"{_place(segment, position)} is not an amount",
        )
    try:
        return cents(Decimal(text))
    except AmountScale as error:
        raise RecordRefused(
            RefusalClass.AMOUNT_SCALE,
            f"{_place(segment, position)} has more than two decimals",
        ) from error


def optional_amount(segment: Segment, position: int) -> int:
    """Return an amount as integer cents, 0 when the element is empty."""
    return amount(segment, position) if segment.at(position) else 0


def number(segment: Segment, position: int) -> str:
    """Return a quantity as written; refuse what is not a plain number."""
    text = segment.at(position)
    if text and not _NUMBER.fullmatch(text, endpos=40):
        raise RecordRefused(
            RefusalClass.NUMBER_INVALID,
            f"{_place(segment, position)} is not a number",
        )
    return text


def day(segment: Segment, text: str, position: int) -> str:
    """Return a date as yyyymmdd; the time of a date and time is left out."""
    found = text[:_DAY_LENGTH]
    try:
        if len(found) != _DAY_LENGTH or not found.isdecimal():
            raise ValueError
        date(int(found[:4]), int(found[4:6]), int(found[6:]))
    except ValueError as error:
        raise RecordRefused(
            RefusalClass.DATE_INVALID,
            f"{_place(segment, position)} is missing or no date of the calendar",
        ) from error
    return found


def period(segment: Segment) -> tuple[str, str]:
    """Return the first and last day of a DTP segment (D8, RD8 or DT)."""
    first, _, last = segment.at(3).partition("-")
    begin = day(segment, first, 3)
    return begin, day(segment, last, 3) if last else begin


def _place(segment: Segment, position: int) -> str:
    tag = segment.tag if segment.tag.isalnum() else "?"
    return f"{tag}{position:02} (segment {segment.number})"
