"""Formats that only a server's answers have: deletions, outcomes, search pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from ledgerline.connectors.formats import fhir, strict_json
from ledgerline.connectors.formats.fhir.bundle import Element, elements
from ledgerline.connectors.formats.fhir.entry import deletion
from ledgerline.connectors.formats.lines import Line, lines, too_long
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    ReadContent,
    Reader,
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
)
from ledgerline.connectors.source import FormatUnknown

_OUTCOME = "OperationOutcome"


def reader(format_name: str) -> Reader:
    """Return the reader of a format; raises FormatUnknown when it is not ours."""
    if format_name in _OWN:
        return _OWN[format_name]
    try:
        return partial(fhir.read, fhir.Kind(format_name))
    except ValueError as error:
        raise FormatUnknown(format_name) from error


def read_deletions(content: ReadContent) -> Iterator[Item]:
    """Yield a tombstone for each DELETE in NDJSON of transaction Bundles."""
    for line in lines(content()):
        if line.text is None:
            yield too_long(line)
            continue
        try:
            found = list(elements([line.text]))
        except FileRefused as refused:
            yield _refusal(line, 0, line.length, refused)
            continue
        for element in found:
            yield _deletion(line, element)


def _deletion(line: Line, element: Element) -> Item:
    try:
        found = deletion(element)
    except RecordRefused as refused:
        return _refusal(line, element.offset, element.length, refused)
    return replace(found, byte_offset=line.offset + element.offset)


def read_outcomes(content: ReadContent) -> Iterator[Item]:
    """Yield every outcome of an error file; one without an id is named by its hash."""
    for line in lines(content()):
        if line.text is None:
            yield too_long(line)
            continue
        try:
            yield _outcome(line.text, line.offset)
        except RecordRefused as refused:
            yield _refusal(line, 0, line.length, refused)


def _outcome(text: bytes, offset: int) -> Record:
    resource = _object(strict_json.decode(text))
    if resource.get("resourceType") != _OUTCOME:
        raise RecordRefused(
            RefusalClass.CONTRACT_DRIFT, "the line of an error file is no outcome"
        )
    digest = hashlib.sha256(text)
    given = resource.get("id")
    return Record(
        resource_type=_OUTCOME,
        resource_id=given if isinstance(given, str) and given else digest.hexdigest(),
        content_sha256=digest.digest(),
        byte_offset=offset,
        byte_length=len(text),
        body=text,
    )


def read_page(content: ReadContent) -> Iterator[Item]:
    """Yield the resources of a search page, and its outcomes as read_outcomes does."""
    for item in fhir.read(fhir.Kind.BUNDLE, content):
        is_outcome = isinstance(item, Refusal) and item.resource_type == _OUTCOME
        yield _page_outcome(item, content) if is_outcome else item


def _page_outcome(item: Item, content: ReadContent) -> Item:
    if not isinstance(item, Refusal):
        return item
    until = item.byte_offset + item.byte_length
    whole = b"".join(content())[item.byte_offset : until]
    for element in elements([b'{"entry":[', whole, b"]}"]):
        try:
            shift = element.resource_offset - element.offset
            return _outcome(element.resource, item.byte_offset + shift)
        except RecordRefused:
            return item
    return item


_OWN: dict[str, Reader] = {
    "fhir-deletions": read_deletions,
    "fhir-outcomes": read_outcomes,
    "fhir-page": read_page,
}


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(value, dict):
        raise RecordRefused(RefusalClass.PARSE, "an object is expected here")
    return value


def _refusal(
    line: Line, offset: int, length: int, refused: RecordRefused | FileRefused
) -> Refusal:
    return Refusal(
        resource_type="unknown",
        refusal_class=refused.refusal_class,
        message=refused.message,
        byte_offset=line.offset + offset,
        byte_length=length,
    )
