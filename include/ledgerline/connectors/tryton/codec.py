"""Tryton's JSON: decimals, dates and times travel as tagged objects."""

from __future__ import annotations

import base64
import datetime as dt
import re
from decimal import Decimal
from typing import Any

import msgspec
import orjson

# A row as Tryton returns it, nested records included.
Row = dict[str, Any]

_NUMBERS = {
    "date": ("year", "month", "day"),
    "datetime": ("year", "month", "day", "hour", "minute", "second", "microsecond"),
}
_TEXTS = {
    "Decimal": '"%(decimal)s"',
    "date": '"%(year)04d-%(month)02d-%(day)02d"',
    "datetime": '"%(year)04d-%(month)02d-%(day)02dT'
    '%(hour)02d:%(minute)02d:%(second)02d.%(microsecond)06dZ"',
}
_FLOATS_AS_TEXT = msgspec.json.Decoder(float_hook=str)
# A quote within a string is escaped, so no string looks like a tag. Times are UTC.
_NAME = b'"__class__"'
_TAGGED = re.compile(rb"\{" + _NAME + rb"[^{}]*\}")


def encode(value: object) -> bytes:
    """Serialise a request body; decimals and dates become tagged objects."""
    return orjson.dumps(_tagged(value))


def encode_parameter(value: object) -> str:
    """Serialise a domain, an order or a context for a URL or header."""
    return base64.urlsafe_b64encode(encode(value)).decode("ascii")


def decode(content: bytes) -> Any:  # noqa: ANN401
    """Read an answer; tags become what they name, floats `Decimal`."""
    return _untagged(orjson.loads(content))


def decode_text(content: bytes) -> Any:  # noqa: ANN401
    """Read an answer as it is landed: tagged objects and floats become text.

    The same as `as_text(decode(content))`, a float kept as it is written, and several
    times as fast: tags are replaced in the bytes, equal ones are converted once.
    """
    texts = _Texts()
    plain = _TAGGED.sub(lambda found: texts[found[0]], content)
    rows = _FLOATS_AS_TEXT.decode(plain)
    return rows if _NAME not in plain else as_text(decode(content))


class _Texts(dict[bytes, bytes]):
    """The JSON text that stands for each tag, made when it is asked for."""

    def __missing__(self, tag: bytes) -> bytes:
        values = orjson.loads(tag)
        form = _TEXTS.get(values["__class__"])
        text = (form % values).encode() if form else tag
        self[tag] = text
        return text


def as_text(value: object) -> Any:  # noqa: ANN401
    """Turn decoded decimals and dates into strings, for landing."""
    match value:
        case Decimal():
            return str(value)
        case dt.date():
            return _iso(value)
        case dict():
            return {key: as_text(item) for key, item in value.items()}
        case list():
            return [as_text(item) for item in value]
    return value


def _iso(value: dt.date) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value.isoformat()


def _tagged(value: object) -> object:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case dt.date():
            return _tag(value)
        case dict():
            return {key: _tagged(item) for key, item in value.items()}
        case list() | tuple():
            return [_tagged(item) for item in value]
    return value


def _tag(value: dt.date) -> Row:
    name = type(value).__name__
    numbers = {number: getattr(value, number) for number in _NUMBERS[name]}
    return {"__class__": name, **numbers}


def _untagged(value: object) -> object:
    match value:
        case dict():
            if "__class__" in value:
                return _tag_value(value)
            return {key: _untagged(item) for key, item in value.items()}
        case list():
            return [_untagged(item) for item in value]
        case float():
            return Decimal(repr(value))
    return value


def _tag_value(tag: Row) -> object:
    match tag["__class__"]:
        case "Decimal":
            return Decimal(tag["decimal"])
        case "date":
            return dt.date.fromisoformat(orjson.loads(_TEXTS["date"] % tag))
        case "datetime":
            return dt.datetime.fromisoformat(orjson.loads(_TEXTS["datetime"] % tag))
    # No field that we read has another type; the tag itself loses nothing.
    return tag
