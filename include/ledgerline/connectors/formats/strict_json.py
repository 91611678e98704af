"""Decode one JSON document strictly: what is ambiguous or lossy is refused."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

MAX_DEPTH = 1024
"""What the decoder itself stops at."""
MAX_NUMBER_LENGTH = 40
_COLONS = (b"\\u003a", b"\\u003A")
_NUL = b"\\u0000"
_BACKSLASH = ord("\\")
_IN_NUMBERS = b"0123456789.+-eE"
_NUMBERS_AS_ZEROS = bytes(
    ord("0") if byte in _IN_NUMBERS else byte for byte in range(256)
)
_LONG_NUMBER = b"0" * (MAX_NUMBER_LENGTH + 1)
_TINY_NUMBERS = (re.compile(rb"e-[0-9]{4}"), re.compile(rb"E-[0-9]{4}"))
_STRUCTURE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
_ANY_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)


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
    if _BACKSLASH in text and _NUL in text:
        _refuse_nul(text)
    if not _reads_back(text, document):
        _examine(text)
    return document


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
    """Tell cheaply that a dump differs from its text by blanks and spellings only.

    A key that came twice is missing from the dump, and its colon with it; a colon can
    hide in its escape only. Long numbers are found by the length of what may be one.
    """
    try:
        dumped = orjson.dumps(document)
    except TypeError:
        return False
    return dumped == text or (
        (_BACKSLASH not in text or not any(colon in text for colon in _COLONS))
        and text.count(b":") == dumped.count(b":")
        and _LONG_NUMBER not in text.translate(_NUMBERS_AS_ZEROS)
        and not any(tiny.search(text) for tiny in _TINY_NUMBERS)
    )


def _refuse_nul(text: bytes) -> None:
    for escape in _ANY_ESCAPE.findall(text):
        if escape == _NUL:
            raise RecordRefused(RefusalClass.ENCODING, "a text holds a NUL character")


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
