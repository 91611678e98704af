"""Recognise how a FHIR file is built from its name and its first bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ledgerline.connectors.formats.fhir.bundle import TOKEN
from ledgerline.connectors.formats.lines import BYTE_ORDER_MARK
from ledgerline.connectors.formats.record import FileRefused, RefusalClass

_LINE_NAMES = (".ndjson", ".jsonl")
_FOREIGN_NAMES = (".csv", ".md", ".sha256", ".log", ".sql", ".html")
_BOOKKEEPING_KEYS = (
    {b"transactionTime", b"output"},
    {b"exportId", b"eventId"},
)
_XML = re.compile(rb"<[?!A-Za-z]")
_XML_LINE = re.compile(rb"<(?:[?]xml|!DOCTYPE)", re.IGNORECASE)
_ARRAY = re.compile(rb"\[\s*(?:[{\]]|$)")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NEXT_MEMBER = re.compile(rb'[^\n]*\n\s*["}]')
"""A second line that begins with a key: one document stands on several lines."""
_RETURNED = re.compile(rb"\}[ \t]*\r\s*\{")
"""Lines that end with carriage returns alone."""
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Kind(StrEnum):
    """How the resources lie in a file."""

    NDJSON = "fhir-ndjson"
    BUNDLE = "fhir-bundle"
    JSON = "fhir-json"
    ARRAY = "fhir-json-array"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    """What the first bytes of a file say about its first JSON object."""

    resource_type: bytes | None
    keys: frozenset[bytes]
    is_one_line: bool
    is_over_lines: bool


def recognise(name: str, head: bytes) -> Kind:
    """Tell how to read a file from its name and the first decoded bytes.

    `Kind.NONE` is a file that stands beside resources: a manifest, an export log, a
    table. Raises FileRefused for what is neither.
    """
    plain = name.lower().removesuffix(".gz").removesuffix(".bz2")
    last = plain.rsplit("/", 1)[-1]
    if last.startswith((".", "sha256sums")) or last.endswith(_FOREIGN_NAMES):
        return Kind.NONE
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    _refuse_xml(text, is_lines=last.endswith(_LINE_NAMES))
    is_named = last.endswith((*_LINE_NAMES, ".json"))
    if not text or is_named or text.startswith(b"{") or _ARRAY.match(text):
        return _kind(last, text)
    raise FileRefused(
        RefusalClass.UNRECOGNISED_FORMAT,
        "the file is neither NDJSON nor a Bundle; remove it from the folder",
    )


def _refuse_xml(text: bytes, *, is_lines: bool) -> None:
    """Refuse XML, and by another class what may hold entities; none is parsed."""
    plain = text.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    plain = plain.replace(b"\x00", b"").lstrip()
    if not (_XML_LINE if is_lines else _XML).match(plain):
        return
    if _ENTITIES.search(plain):
        raise FileRefused(
            RefusalClass.XML_FORBIDDEN,
            "the file is XML with a document type; it is refused unread",
        )
    raise FileRefused(
        RefusalClass.UNRECOGNISED_FORMAT,
        "the file is XML; deliver FHIR as JSON, or remove it from the folder",
    )


def _kind(last: str, text: bytes) -> Kind:
    if text.startswith(_WIDE_MARKS):
        raise FileRefused(
            RefusalClass.ENCODING, "the file is in UTF-16; deliver it in UTF-8"
        )
    if _ARRAY.match(text):
        return Kind.ARRAY
    if not text.startswith(b"{"):
        return Kind.NDJSON
    seen = _inspect(text)
    if seen.resource_type == b"Bundle" or (
        seen.resource_type is None and b"entry" in seen.keys
    ):
        return Kind.BUNDLE
    if seen.resource_type is None and _is_bookkeeping(last, seen):
        return Kind.NONE
    is_lines = seen.is_one_line or (
        last.endswith(_LINE_NAMES) and not seen.is_over_lines
    )
    return Kind.NDJSON if is_lines else Kind.JSON


def _inspect(text: bytes) -> _Head:
    level = 0
    key = b""
    keys: set[bytes] = set()
    found: bytes | None = None
    for token in TOKEN.finditer(text):
        mark = token[0]
        if level == 1 and mark.endswith(b":"):
            key = mark[:-1].rstrip()[1:-1]
            keys.add(key)
        elif level == 1 and mark.startswith(b'"') and key == b"resourceType":
            found = found or mark[1:-1]
        level += (mark in {b"{", b"["}) - (mark in {b"}", b"]"})
        if level == 0:
            break
    is_returned = b"\n" not in text and _RETURNED.search(text) is not None
    first_line = text.split(b"\n", 1)[0].rstrip()
    return _Head(
        resource_type=found,
        keys=frozenset(keys),
        is_one_line=not is_returned
        and (first_line.endswith(b"}") or b"\n" not in text.rstrip()),
        is_over_lines=is_returned or _NEXT_MEMBER.match(text) is not None,
    )


def _is_bookkeeping(last: str, seen: _Head) -> bool:
    return any(known <= seen.keys for known in _BOOKKEEPING_KEYS) or any(
        word in last for word in ("manifest", "metadata")
    )
