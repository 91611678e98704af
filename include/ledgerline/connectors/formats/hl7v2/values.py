"""Check and convert the values that a record takes from a message."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from ledgerline.connectors.formats.hl7v2.message import (
    Identifier,
    Location,
    Practitioner,
)
from ledgerline.connectors.formats.hl7v2.separators import Separators
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

_DELETED = '""'
_CLOCK = re.compile(
    r"(?:([01]\d|2[0-3])(?:([0-5]\d)(?:([0-5]\d)(\.\d{1,6})?)?)?)?"
    r"([+-](?:0\d|1[0-4])[0-5]\d)?",
    re.ASCII,
)
_MOMENT = re.compile(r"(\d{4}(?:\d{2}){0,2})(\D.*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,10})?|\.\d{1,10})", re.ASCII)
"""No more digits than the warehouse holds and adds up."""
_COUNT = re.compile(r"\d{1,15}", re.ASCII)
_DAY = 8
_NOTHING = [""] * 64


def fields_of(line: str, count: int, marks: Separators) -> list[str]:
    """Return this many fields of a segment, its name first; missing ones empty."""
    fields = line.split(marks.field, count)
    if len(fields) < count:
        fields += _NOTHING[len(fields) : count]
    return fields


def moment(text: str, place: str, component: str = "^") -> str:
    """Return a date or time as ISO 8601, with an offset when one is given.

    Raises RecordRefused when it is on no calendar or clock.
    """
    try:
        return _day(text[:_DAY]) + _clock(text[_DAY:])
    except ValueError:
        return _rare_moment(text, place, component)


def day(text: str, place: str, component: str = "^") -> str:
    """Return the date of a date or time as ISO 8601."""
    try:
        found = _day(text[:_DAY])
        if len(text) > _DAY:
            _clock(text[_DAY:])
    except ValueError:
        return _rare_moment(text, place, component)[:10]
    return found


@lru_cache(maxsize=65_536)
def _day(text: str) -> str:
    if len(text) != _DAY or not text.isdecimal() or not text.isascii():
        raise ValueError
    return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()


@lru_cache(maxsize=131_072)
def _clock(text: str) -> str:
    if not text:
        return ""
    found = _CLOCK.fullmatch(text)
    if found is None or (found[1] is None and found[5] is None):
        raise ValueError
    hour, minute, second, fraction, offset = found.groups()
    if hour is None:
        return ""
    clock = f"T{hour}:{minute or '00'}"
    if second:
        clock += f":{second}{fraction or ''}"
    return f"{clock}{offset[:3]}:{offset[3:]}" if offset else clock


def _rare_moment(text: str, place: str, component: str) -> str:
    """Convert what carries a precision, lacks a day or is deleted."""
    first = text.split(component, 1)[0].strip()
    if not first or first == _DELETED:
        return first
    try:
        if found := _MOMENT.fullmatch(first):
            digits, offset = found[1], found[2] or ""
            if len(digits) == _DAY:
                return _day(digits) + _clock(offset)
            if _CLOCK.fullmatch(offset):
                return _partial(digits)
        return _day(first[:_DAY]) + _clock(first[_DAY:])
    except ValueError as error:
        raise RecordRefused(
            RefusalClass.DATE_INVALID, f"{place} is no date or time"
        ) from error


def _partial(digits: str) -> str:
    whole = _day((digits + "0101")[:_DAY])
    return whole[: 4 if len(digits) == 4 else 7]


def number(text: str, place: str) -> str:
    """Return a decimal as written; `` and a deletion stay what they are."""
    if text and text != _DELETED and not _NUMBER.fullmatch(text):
        raise RecordRefused(RefusalClass.NUMBER_INVALID, f"{place} is not a number")
    return text


def sequence(text: str) -> int | None:
    """Return MSH-13 as a number."""
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        raise RecordRefused(RefusalClass.NUMBER_INVALID, "MSH-13 is not a number")
    return int(text)


def amount(text: str, place: str, marks: Separators) -> str:
    """Return the amount of a price as written, in US dollars.

    Raises RecordRefused for what is no amount and for another currency.
    """
    if not text or text == _DELETED:
        return text
    money = text.split(marks.component, 1)[0].split(marks.subcomponent)
    if not money[0]:
        return ""
    if not _NUMBER.fullmatch(money[0]):
        raise RecordRefused(RefusalClass.AMOUNT_INVALID, f"{place} is not an amount")
    if len(money) > 1 and money[1] not in {"", "USD", _DELETED}:
        raise RecordRefused(
            RefusalClass.CODE_INVALID, f"{place} is in a currency other than USD"
        )
    return money[0]


def cents_amount(text: str, place: str, marks: Separators) -> str:
    """Return an amount that has at most two decimals."""
    found = amount(text, place, marks)
    if len(found.rstrip("0").partition(".")[2]) > 2:
        raise RecordRefused(
            RefusalClass.AMOUNT_SCALE, f"{place} has more than two decimals"
        )
    return found


def identifiers(field: str, marks: Separators) -> list[Identifier]:
    """Return the identifiers of a repeating CX field."""
    found = []
    for repetition in field.split(marks.repetition):
        parts = repetition.split(marks.component)
        value = parts[0].strip(" ")
        if value and value != _DELETED:
            count = len(parts)
            found.append(
                Identifier(
                    value,
                    authority(parts[3], marks) if count > 3 else "",
                    parts[4] if count > 4 else "",
                )
            )
    return found


def authority(text: str, marks: Separators) -> str:
    """Return the namespace of an assigning authority, else its universal id."""
    if marks.subcomponent not in text:
        return text
    parts = text.split(marks.subcomponent)
    return parts[0] or parts[1]


def location(field: str, marks: Separators) -> Location | None:
    """Return the parts of a location (PL)."""
    parts = [
        authority(part, marks)
        for part in first(field, marks).split(marks.component, 4)[:4]
    ]
    return Location(*parts) if any(parts) else None


def practitioner(field: str, marks: Separators) -> Practitioner | None:
    """Return the first practitioner of an XCN field."""
    parts = first(field, marks).split(marks.component, 9)
    if not parts[0]:
        return None
    return Practitioner(parts[0], authority(parts[8], marks) if len(parts) > 8 else "")


def first(field: str, marks: Separators) -> str:
    """Return the first repetition of a field."""
    return field.split(marks.repetition, 1)[0]


def code(field: str, marks: Separators) -> str:
    """Return the first component of the first repetition, without subcomponents.

    Blanks around it are no part of it: it is filled up with them by some senders.
    """
    if field.isalnum() or not field:
        return field
    head = field.partition(marks.repetition)[0].partition(marks.component)[0]
    return head.partition(marks.subcomponent)[0].strip(" ")
