"""Read a FHIR file as records and refusals, one resource at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import orjson
from msgspec import structs

from ledgerline.connectors.formats import strict_json
from ledgerline.connectors.formats.fhir import small_bundle, structure
from ledgerline.connectors.formats.fhir.bundle import Element, elements
from ledgerline.connectors.formats.fhir.recognition import Kind
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
)

_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,40})"')
_LOCAL_REFERENCE = re.compile(rb'("reference"\s*:\s*")(urn:uuid:[^"]{1,64})(")')
_URN = b"urn:uuid:"
_BUNDLE = "Bundle"
_Read = Record | Refusal
_DEEPEST = 3
_ADDRESS = re.compile(r"[A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")
_ID_IN_URL = re.compile(rb"(?:urn:uuid:|.*/[A-Za-z]+/)([A-Za-z0-9.-]{1,64})")


class _Head(msgspec.Struct):
    """The two members that a reference to a resource needs."""

    resourceType: str = ""
    id: str = ""


_HEAD = msgspec.json.Decoder(_Head)


def read(kind: Kind, content: ReadContent) -> Iterator[Item]:
    """Yield every resource of the file as a record or as a refusal."""
    if kind is Kind.BUNDLE:
        yield from _read_bundle(content)
    elif kind is Kind.JSON:
        yield from _read_document(content)
    else:
        for line in lines(content()):
            item = _item(line)
            if line.text is not None and _holds_entries(item, line.text):
                yield from _entries(line.text, line.offset)
            else:
                yield item


def _holds_entries(item: _Read, text: bytes) -> bool:
    """Tell whether a resource is a Bundle that carries others, also one without id.

    A document shows resources as they were when it was signed: it stays one record.
    """
    if item.resource_type != _BUNDLE:
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


def _read_document(content: ReadContent) -> Iterator[Item]:
    text = b""
    for chunk in content():
        text += chunk
        if len(text) > MAX_RECORD_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"the JSON document is longer than {MAX_RECORD_BYTES} bytes",
            )
    offset = len(text) - len(text.removeprefix(BYTE_ORDER_MARK).lstrip())
    yield _item(
        Line(
            offset=offset,
            length=len(text) - offset,
            text=text[offset:].rstrip(),
            is_complete=False,
        )
    )


def _read_bundle(content: ReadContent, level: int = 0) -> Iterator[_Read]:
    small = small_bundle.elements(content)
    addresses = dict(_addresses(small or elements(content())))
    for element in small or elements(content()):
        try:
            if not element.resource:
                raise RecordRefused(
                    RefusalClass.CONTRACT_DRIFT, "the Bundle entry carries no resource"
                )
            item: _Read = _bundled(element, addresses)
        except RecordRefused as refused:
            item = Refusal(
                resource_type=_named_type(element.resource),
                refusal_class=refused.refusal_class,
                message=refused.message,
                byte_offset=element.offset,
                byte_length=element.length,
            )
        if _holds_entries(item, element.resource):
            yield from _entries(element.resource, element.resource_offset, level + 1)
        else:
            yield item


def _bundled(element: Element, addresses: dict[bytes, bytes]) -> Record:
    text = element.resource
    resource = strict_json.decode(text)
    resource_type = structure.check(resource, text)
    body = _LOCAL_REFERENCE.sub(
        lambda found: found[1] + addresses.get(found[2], found[2]) + found[3], text
    )
    if not resource.get("id"):
        resource = {**orjson.loads(body), "id": _id_from(element.full_url)}
        body = orjson.dumps(resource)
    record = _checked_record(resource, resource_type, text, element.resource_offset)
    return structs.replace(record, body=body)


def _addresses(entries: Iterable[Element]) -> Iterator[tuple[bytes, bytes]]:
    for element in entries:
        if not element.full_url.startswith(_URN):
            continue
        try:
            head = _HEAD.decode(element.resource)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        resource_id = head.id or _id_from(element.full_url)
        address = f"{head.resourceType}/{resource_id}"
        if _ADDRESS.fullmatch(address):
            yield element.full_url, address.encode()


def _named_type(text: bytes) -> str:
    named = _TYPE.search(text[:4096])
    return named[1].decode() if named else "unknown"


def _id_from(full_url: bytes) -> str:
    found = _ID_IN_URL.fullmatch(full_url)
    return found[1].decode() if found else ""
