"""What no single element shows: periods in order, references to what is contained.

The bytes tell whether there is anything to look at; most resources are not walked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

_HASH, _BACKSLASH = b"#\\"
"""As numbers: bytes look for a number several times as fast as for bytes."""
_START, _END = b'"start"', b'"end"'
_TO_END = re.compile(rb'\s*:\s*"([^"\\]*)"\s*,\s*"end"\s*:\s*"([^"\\]*)"')
_TO_CONTAINED = re.compile(rb'"reference"\s*:\s*"#([^"]*)"')
_CONTROLS = (b"\\u00", b"\\b", b"\\f")
_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROL = re.compile(rb"\\(?:u00(?:0[1-8bcefBCEF]|1[0-9a-fA-F])|[bf])")
_DAY_LENGTH = len("2026-06-30")
_CLOCK_END = len("2026-06-30T12:00:00")


def check(resource: dict[str, Any], text: bytes) -> None:
    """Refuse reversed periods, dangling contained references, control characters."""
    between_starts = text.split(_START)
    if len(between_starts) > 1:
        _check_periods(resource, text, between_starts)
    if _HASH in text:
        _check_contained(resource, text)
    if _BACKSLASH in text and any(control in text for control in _CONTROLS):
        _check_characters(text)


def check_nulls(resource: dict[str, Any]) -> None:
    """Refuse a null in an array that has no extension at its place, or beside it."""
    for element in _objects(resource):
        for name, values in element.items():
            if isinstance(values, list) and None in values:
                _check_pair(values, element.get(_partner(name)))


def is_reversed(start: str, end: str) -> bool:
    """Tell whether a period ends before it starts, as far as both are precise."""
    if "T" not in start or "T" not in end:
        common = min(len(start), len(end), _DAY_LENGTH)
        return start[:common] > end[:common]
    if start[_CLOCK_END:] == end[_CLOCK_END:]:
        return start > end
    try:
        return _moment(start) > _moment(end)
    except (ValueError, TypeError):
        return False


def _check_periods(
    resource: dict[str, Any], text: bytes, between_starts: list[bytes]
) -> None:
    missed = len(between_starts)
    for after in between_starts:
        pair = _TO_END.match(after)
        if pair:
            missed -= 1
            start, end = pair.groups()
            if start > end or start[_CLOCK_END:] != end[_CLOCK_END:]:
                _check_order(start.decode(), end.decode())
    if missed > 1 and len(between_starts) - missed < text.count(_END):
        for element in _objects(resource):
            first, last = element.get("start"), element.get("end")
            if isinstance(first, str) and isinstance(last, str):
                _check_order(first, last)


def _check_order(start: str, end: str) -> None:
    if is_reversed(start, end):
        raise RecordRefused(RefusalClass.DATE_INVALID, "a period ends before it starts")


def _check_contained(resource: dict[str, Any], text: bytes) -> None:
    held = {inner.get("id") for inner in resource.get("contained", ())}
    for named in _TO_CONTAINED.findall(text):
        if named and named.decode() not in held:
            raise RecordRefused(
                RefusalClass.REFERENCE_INVALID,
                "a reference names a contained resource that is not there",
            )


def _check_characters(text: bytes) -> None:
    if any(_CONTROL.fullmatch(escape) for escape in _ESCAPE.findall(text)):
        raise RecordRefused(RefusalClass.ENCODING, "a text holds a control character")


def _check_pair(values: list[Any], beside: Any) -> None:  # noqa: ANN401
    pairs = beside if isinstance(beside, list) else []
    for place, value in enumerate(values):
        if value is None and (place >= len(pairs) or pairs[place] is None):
            raise RecordRefused(
                RefusalClass.CONTRACT_DRIFT, "an array holds a null for no extension"
            )


def _partner(name: str) -> str:
    return name[1:] if name.startswith("_") else f"_{name}"


def _objects(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    todo: list[Any] = [resource]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            yield node
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)


def _moment(text: str) -> datetime:
    """Return the moment of a dateTime; a leap second is the one before it."""
    return datetime.fromisoformat(text.replace(":60", ":59"))
