"""Read a JSON page of a web service: an array of rows, somewhere in a document."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ledgerline.connectors.formats import strict_json
from ledgerline.connectors.formats.lines import BYTE_ORDER_MARK
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    ReadContent,
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
    identifier,
)

MAX_PAGE_BYTES = 64 * 1024 * 1024
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


def read(
    entity: str, key: Sequence[str], place: str, content: ReadContent
) -> Iterator[Item]:
    """Yield every row of the page as a record or as a refusal.

    `key` names the members that identify a row, `place` the way to the array with
    dots, empty where the page is the array. Raises FileRefused for another document.
    """
    text = _whole(content)
    array = _array(text, place)
    offset = text.find(array)
    if place:
        _refuse_ambiguity(text.replace(array, b"[]", 1))
    for row in _elements(array):
        offset = text.find(row, offset)
        try:
            yield _record(entity, key, row, offset)
        except RecordRefused as refused:
            yield Refusal(
                resource_type=entity,
                refusal_class=refused.refusal_class,
                message=refused.message,
                byte_offset=offset,
                byte_length=len(row),
            )
        offset += len(row)


def member(text: bytes, place: str) -> Any:  # noqa: ANN401
    """Return the value at a place of the page, or None where there is none."""
    try:
        return msgspec.json.decode(_at(text, place))
    except (FileRefused, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _whole(content: ReadContent) -> bytes:
    """Return the page without its mark, offsets kept; raises FileRefused if huge."""
    parts, size = [], 0
    for chunk in content():
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_PAGE_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"the page is longer than {MAX_PAGE_BYTES} bytes",
            )
    text = b"".join(parts)
    if text.startswith(BYTE_ORDER_MARK):
        return text.replace(BYTE_ORDER_MARK, b" " * len(BYTE_ORDER_MARK), 1)
    return text


def _array(text: bytes, place: str) -> bytes:
    try:
        return _at(text, place)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_page(place) from error


def _at(text: bytes, place: str) -> bytes:
    for step in place.split(".") if place else ():
        found = _OBJECT.decode(text).get(step)
        if found is None:
            raise _no_page(place)
        text = bytes(found)
    return text.strip()


def _refuse_ambiguity(envelope: bytes) -> None:
    try:
        strict_json.decode(envelope)
    except RecordRefused as refused:
        raise FileRefused(
            refused.refusal_class, f"the page around the rows: {refused.message}"
        ) from refused


def _elements(array: bytes) -> list[bytes]:
    try:
        return [bytes(row) for row in _ARRAY.decode(array)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_page("") from error


def _no_page(place: str) -> FileRefused:
    where = f"at {place}" if place else "of rows"
    return FileRefused(
        RefusalClass.CONTRACT_DRIFT, f"the page is no JSON with an array {where}"
    )


def _record(entity: str, key: Sequence[str], text: bytes, offset: int) -> Record:
    row = strict_json.decode(text)
    if not isinstance(row, dict):
        raise RecordRefused(RefusalClass.CONTRACT_DRIFT, "the row is not a JSON object")
    return Record(
        resource_type=entity,
        resource_id=identifier(entity, [row.get(name) for name in key]),
        content_sha256=hashlib.sha256(text).digest(),
        byte_offset=offset,
        byte_length=len(text),
        body=text,
    )
