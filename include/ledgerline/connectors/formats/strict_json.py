"""Decode one JSON document strictly: what is ambiguous or lossy is refused."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Any

import orjson

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

MAX_DEPTH = 1024
"""What the decoder itself stops at."""
MAX_NUMBER_LENGTH = 40
_RARE_DAYS = (
    *(b"-02-29", b"-02-30", b"-02-31"),
    *(b"-04-31", b"-06-31", b"-09-31", b"-11-31"),
)
_BLANKS = b" \t\r\n"
_STRUCTURE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
_SUSPICIOUS_DATE = re.compile(rb'"(\d{4})-(?:(02)-(29|3[01])|(0[469]|11)-(31))(?=["T])')


def decode(text: bytes) -> Any:  # noqa: ANN401
    """Return the document in `text`.

    Raises RecordRefused for bytes that are not UTF-8, NUL characters, lone
    surrogates, duplicate keys, numbers that are not finite or absurdly long, nesting
    deeper than 1024, and anything that is not JSON.
    """
    try:
        document = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise _reason(text) from error
    if not _reads_back(text, document):
        _examine(text)
    return document


def refuse_impossible_dates(text: bytes) -> None:
    """Refuse a document with a string that starts with a day no calendar has."""
    if not any(rare in text for rare in _RARE_DAYS):
        return
    for found in _SUSPICIOUS_DATE.finditer(text):
        year, month, day = (
            int(found[1]),
            int(found[2] or found[4]),
            int(found[3] or found[5]),
        )
        try:
            date(year, month, day)
        except ValueError as error:
            raise RecordRefused(
                RefusalClass.DATE_INVALID, "a date is on no calendar"
            ) from error


def depth(text: bytes) -> int:
    """Return the deepest nesting of arrays and objects, without recursion."""
    level = deepest = 0
    for token in _STRUCTURE.finditer(text):
        mark = token[0]
        if mark in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in b"]}":
            level -= 1
    return deepest


def _reads_back(text: bytes, document: Any) -> bool:  # noqa: ANN401
    """Tell whether nothing was lost in decoding, at the price of one dump.

    A duplicate key, a long number or a NUL makes the dump differ in more than
    blanks. Documents that differ for innocent reasons take the slow path.
    """
    if b"\\u0000" in text:
        return False
    try:
        dumped = orjson.dumps(document)
    except (TypeError, RecursionError):
        return False
    return dumped == text or (
        dumped.translate(None, _BLANKS) == text.translate(None, _BLANKS)
    )


def _examine(text: bytes) -> None:
    try:
        json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_checked_number,
            parse_float=_checked_number,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise RecordRefused(RefusalClass.PARSE, "the text is not JSON") from error
    if b"\\u0000" in text and _has_nul(orjson.loads(text)):
        raise RecordRefused(RefusalClass.ENCODING, "a text holds a NUL character")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RecordRefused(
            RefusalClass.JSON_AMBIGUOUS, "an object has the same key twice"
        )
    return members


def _checked_number(token: str) -> int:
    exponent = token.lower().partition("e")[2].lstrip("+-").lstrip("0")
    is_long = len(token) > MAX_NUMBER_LENGTH or len(exponent) > len("308")
    if is_long or not math.isfinite(float(token)):
        raise RecordRefused(
            RefusalClass.NUMBER_INVALID,
            f"a number is not finite or longer than {MAX_NUMBER_LENGTH} characters",
        )
    return 0


def _has_nul(document: Any) -> bool:  # noqa: ANN401
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, str) and "\x00" in value:
            return True
        if isinstance(value, dict):
            todo.extend(value)
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return False


def _too_deep() -> RecordRefused:
    return RecordRefused(
        RefusalClass.RESOURCE_LIMIT, f"the nesting is deeper than {MAX_DEPTH}"
    )


def _reason(text: bytes) -> RecordRefused:
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        return RecordRefused(
            RefusalClass.ENCODING, f"byte {error.start} of the record is not UTF-8"
        )
    if "\x00" in decoded:
        return RecordRefused(RefusalClass.ENCODING, "the text holds a NUL character")
    if depth(text) > MAX_DEPTH:
        return _too_deep()
    return _reason_by_standard_decoder(decoded)


def _reason_by_standard_decoder(decoded: str) -> RecordRefused:
    try:
        json.loads(
            decoded,
            parse_int=_checked_number,
            parse_float=_checked_number,
            parse_constant=_refused_constant,
        )
    except RecordRefused as refused:
        return refused
    except json.JSONDecodeError as error:
        return RecordRefused(
            RefusalClass.PARSE,
            f"the text is not JSON from character {error.pos} on",
        )
    except (ValueError, RecursionError):
        return RecordRefused(RefusalClass.PARSE, "the text is not JSON")
    return RecordRefused(RefusalClass.ENCODING, "a text holds half a surrogate pair")


def _refused_constant(token: str) -> None:
    raise RecordRefused(
        RefusalClass.NUMBER_INVALID, f"{token} is not a number that JSON knows"
    )
