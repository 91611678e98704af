"""Tryton's JSON: decimals and dates travel as tagged objects."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

import orjson

# A row as Tryton returns it, nested records included.
Row = dict[str, Any]


def encode(value: object) -> bytes:
    """Serialise a request body; decimals and dates become tagged objects."""
    return orjson.dumps(_tagged(value))


def encode_parameter(value: object) -> str:
    """Serialise a domain, an order or a context for a URL or header."""
    return base64.urlsafe_b64encode(encode(value)).decode("ascii")


def decode(content: bytes) -> Any:  # noqa: ANN401
    """Read an answer; tagged objects become `Decimal` and `date`, floats `Decimal`."""
    return _untagged(orjson.loads(content))


def as_text(value: object) -> Any:  # noqa: ANN401
    """Turn decoded decimals and dates into strings, for landing."""
    match value:
        case Decimal():
            return str(value)
        case dt.date():
            return value.isoformat()
        case dict():
            return {key: as_text(item) for key, item in value.items()}
        case list():
            return [as_text(item) for item in value]
    return value


def _tagged(value: object) -> object:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case dt.date():
            return {
                "__class__": "date",
                "year": value.year,
                "month": value.month,
                "day": value.day,
            }
        case dict():
            return {key: _tagged(item) for key, item in value.items()}
        case list() | tuple():
            return [_tagged(item) for item in value]
    return value


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
            return dt.date(tag["year"], tag["month"], tag["day"])
    # No field that we read has another type; the tag itself loses nothing.
    return tag
