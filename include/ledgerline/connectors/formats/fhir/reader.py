"""Read a FHIR file as records and refusals, one resource at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import orjson
from msgspec import structs

from ledgerline.connectors.formats import strict_json
from ledgerline.connectors.formats.fhir import small_bundle, structure
from ledgerline.connectors.formats.fhir.bundle import Element, elements
from ledgerline.connectors.formats.fhir.entry import (
    deletion,
    entry_of,
    id_of,
    is_deletion,
    refuse_contradiction,
)
from ledgerline.connectors.formats.fhir.order import in_order, outlived
from ledgerline.connectors.formats.fhir.recognition import Kind
from ledgerline.connectors.formats.fhir.structure.hl7 import resource_types
from ledgerline.connectors.formats.lines import BYTE_ORDER_MARK, Line, lines, too_long
from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    Item,
    ReadContent,
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
    Tombstone,
)

_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,40})"')
_LOCAL_REFERENCE = re.compile(rb'("reference"\s*:\s*")(urn:(?:uuid|oid):[^"]{1,64})(")')
_URNS = (b"urn:uuid:", b"urn:oid:")
_BUNDLE = "Bundle"
_Read = Record | Refusal | Tombstone
_DEEPEST = 3
_ADDRESS = re.compile(r"[A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")


def read(kind: Kind, content: ReadContent) -> Iterator[Item]:
    """Yield every resource of the file as a record or as a refusal."""
    if kind is Kind.BUNDLE:
        yield from _read_bundle(content)
    elif kind is Kind.JSON:
        yield from _read_documents(content)
    elif kind is Kind.ARRAY:
        yield from _read_array(content)
    else:
        for line in lines(content()):
            yield from _items(line)


def _items(line: Line) -> Iterator[Item]:
    """Yield the resource of a line, or what it holds if it is a Bundle."""
    item = _item(line)
    if line.text is not None and _holds_entries(item, line.text):
        yield from _entries(line.text, line.offset)
    else:
        yield item


def _holds_entries(item: _Read, text: bytes) -> bool:
    """Tell whether a resource is a Bundle that carries others, also one without id.

    A document shows resources as they were when it was signed: it stays one record.
    """
    if item.resource_type != _BUNDLE or isinstance(item, Tombstone):
        return False
    if isinstance(item, Refusal) and item.refusal_class != RefusalClass.ID_MISSING:
        return False
    return bool(orjson.loads(text).get("type") != "document")


def _entries(text: bytes, offset: int, level: int = 1) -> Iterator[_Read]:
    """Yield what a Bundle among other resources holds, where it lies in the file."""
    if level > _DEEPEST:
        deep = f"Bundles lie more than {_DEEPEST} deep; deliver their entries alone"
        refused = RecordRefused(RefusalClass.RESOURCE_LIMIT, deep)
        yield _refusal(refused, text, offset)
        return
    for item in _read_bundle(lambda: iter([text]), level):
        if isinstance(item, Record):
            yield structs.replace(item, byte_offset=item.byte_offset + offset)
        else:
            yield replace(item, byte_offset=item.byte_offset + offset)


def _item(line: Line) -> _Read:
    if line.text is None:
        return too_long(line)
    try:
        return _record(line.text, line.offset)
    except RecordRefused as refused:
        cut = not line.is_complete and refused.refusal_class is RefusalClass.PARSE
        return _refusal(
            refused,
            line.text,
            line.offset,
            "the last line is cut off; deliver the file again" if cut else "",
        )


def _record(text: bytes, offset: int) -> Record:
    resource = strict_json.decode(text)
    resource_type = structure.check(resource, text)
    return _checked_record(resource, resource_type, text, offset)


def _checked_record(
    resource: dict[str, Any], resource_type: str, text: bytes, offset: int
) -> Record:
    resource_id = resource.get("id")
    if not resource_id:
        raise RecordRefused(RefusalClass.ID_MISSING, f"the {resource_type} has no id")
    version = (resource.get("meta") or {}).get("versionId")
    return Record(
        resource_type=resource_type,
        resource_id=resource_id,
        content_sha256=hashlib.sha256(text).digest(),
        byte_offset=offset,
        byte_length=len(text),
        body=text,
        version_key=f"{resource_type}/{resource_id}/{version}" if version else "",
        version_sha256=_canonical_sha256(resource) if version else b"",
    )


def _canonical_sha256(resource: dict[str, Any]) -> bytes:
    return hashlib.sha256(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS)).digest()


def _refusal(
    refused: RecordRefused, text: bytes, offset: int, cut_message: str = ""
) -> Refusal:
    return Refusal(
        resource_type=_named_type(text),
        refusal_class=(
            RefusalClass.TRUNCATED_RECORD if cut_message else refused.refusal_class
        ),
        message=cut_message or refused.message,
        byte_offset=offset,
        byte_length=len(text),
    )


def _read_documents(content: ReadContent) -> Iterator[Item]:
    """Yield the resource of a file over several lines, or one after another."""
    text = b""
    for chunk in content():
        text += chunk
        if len(text) > MAX_RECORD_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"JSON over several lines is longer than {MAX_RECORD_BYTES} bytes; "
                "deliver it as NDJSON, each resource on one line",
            )
    offset = len(text) - len(text.removeprefix(BYTE_ORDER_MARK).lstrip())
    line = Line(
        offset=offset,
        length=len(text) - offset,
        text=text[offset:].rstrip(),
        is_complete=False,
    )
    apart = _objects([b"[", text[offset:], b"]"], offset - 1)
    try:
        several = list(apart)
    except FileRefused:
        several = []
    for each in several if len(several) > 1 else [line]:
        yield from _items(each)


def _read_array(content: ReadContent) -> Iterator[Item]:
    """Yield the resources of a JSON array, wherever its lines end."""
    stream = iter(content())
    first = b""
    for chunk in stream:
        first += chunk
        if len(first) >= len(BYTE_ORDER_MARK):
            break
    plain = first.removeprefix(BYTE_ORDER_MARK)
    for line in _objects(chain([plain], stream), len(first) - len(plain)):
        yield from _items(line)


def _objects(array: Iterable[bytes], offset: int) -> Iterator[Line]:
    """Yield the objects of an array that begins at an offset, each like a line."""
    head = b'{"entry":'
    for element in elements(chain([head], array, [b"}"])):
        yield Line(
            offset=element.offset - len(head) + offset,
            length=element.length,
            text=element.text,
            is_complete=True,
        )


def _read_bundle(content: ReadContent, level: int = 0) -> Iterator[_Read]:
    types: list[bytes] = []
    small = small_bundle.elements(content, types)

    def entries() -> Iterable[Element]:
        return small or elements(content())

    first = small or elements(content(), types=types)
    addresses = dict(_addresses(first))
    before = outlived(entries, types)
    for element in in_order(entries, before):
        is_outlived = before is not None and element.offset in before
        item = _entry_item(element, addresses, is_outlived=is_outlived)
        if _holds_entries(item, element.resource):
            yield from _entries(element.resource, element.resource_offset, level + 1)
        else:
            yield item


def _entry_item(
    element: Element, addresses: dict[bytes, bytes], *, is_outlived: bool
) -> _Read:
    try:
        if is_deletion(element):
            return deletion(element, is_outlived=is_outlived)
        if not element.resource:
            raise RecordRefused(
                RefusalClass.CONTRACT_DRIFT,
                "the Bundle entry carries no resource: it asks for one or answers; "
                "deliver the resource, or take the Bundle out of the folder",
            )
        return _bundled(element, addresses)
    except RecordRefused as refused:
        return Refusal(
            resource_type=_named_type(element.resource),
            refusal_class=refused.refusal_class,
            message=refused.message,
            byte_offset=element.offset,
            byte_length=element.length,
        )


def _bundled(element: Element, addresses: dict[bytes, bytes]) -> Record:
    text = element.resource
    resource = strict_json.decode(text)
    resource_type = structure.check(resource, text)
    refuse_contradiction(element, resource_type)
    body = _LOCAL_REFERENCE.sub(
        lambda found: found[1] + addresses.get(found[2], found[2]) + found[3], text
    )
    if not resource.get("id"):
        given = id_of(element, resource_type)
        resource = {**orjson.loads(body), "id": given}
        body = orjson.dumps(resource)
    record = _checked_record(resource, resource_type, text, element.resource_offset)
    return structs.replace(record, body=body)


def _addresses(entries: Iterable[Element]) -> Iterator[tuple[bytes, bytes]]:
    for element in entries:
        if element.full_url.startswith(_URNS):
            address = "/".join(entry_of(element).key or ())
            if _ADDRESS.fullmatch(address):
                yield element.full_url, address.encode()


def _named_type(text: bytes) -> str:
    """Name the type as far as FHIR has it: anything else may be a value."""
    named = _TYPE.search(text[:4096])
    name = named[1].decode() if named else ""
    return name if name in resource_types() else "unknown"
