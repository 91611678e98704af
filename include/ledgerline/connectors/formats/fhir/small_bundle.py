"""Take the entries out of a Bundle that fits into memory, in one pass of the decoder.

Whatever is unusual about its JSON is left to the scanner of `bundle`, which judges it.
"""

from __future__ import annotations

import re

import msgspec

from ledgerline.connectors.formats.fhir.bundle import Element
from ledgerline.connectors.formats.record import MAX_RECORD_BYTES, ReadContent

_ENTRY = b'"entry"'
_BETWEEN = re.compile(rb"[\s,]*")
_TO_RESOURCE = re.compile(rb'"resource"\s*:\s*')


class _Bundle(msgspec.Struct):
    type: str = ""
    entry: list[msgspec.Raw] = []


class _Entry(msgspec.Struct):
    fullUrl: str = ""
    resource: msgspec.Raw = msgspec.Raw()


_BUNDLE = msgspec.json.Decoder(_Bundle)
_ONE = msgspec.json.Decoder(_Entry)


def elements(content: ReadContent, types: list[bytes]) -> list[Element] | None:
    """Return the entries of a small and plain Bundle, and add its type.

    None for any other Bundle.
    """
    text = b""
    for chunk in content():
        text += chunk
        if len(text) > MAX_RECORD_BYTES:
            return None
    try:
        bundle = _BUNDLE.decode(text.removeprefix(b"\xef\xbb\xbf"))
        found = _placed(text, bundle.entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if found is not None:
        types.append(bundle.type.encode())
    return found


def _placed(text: bytes, entries: list[msgspec.Raw]) -> list[Element] | None:
    if not entries:
        return None
    first = end = text.find(bytes(entries[0]))
    found = []
    for raw in map(bytes, entries):
        between = _BETWEEN.match(text, end)
        start = between.end() if between else end
        if not text.startswith(raw, start):
            return None
        end = start + len(raw)
        element = _element(raw, start)
        if element is None:
            return None
        found.append(element)
    return found if _is_only_list(text[:first], text[end:]) else None


def _is_only_list(before: bytes, after: bytes) -> bool:
    """Tell whether no second `entry`, however written, stands around the first."""
    is_plain = b"\\" not in before and b"\\" not in after
    return is_plain and before.count(_ENTRY) == 1 and _ENTRY not in after


def _element(raw: bytes, start: int) -> Element | None:
    entry = _ONE.decode(raw)
    resource = bytes(entry.resource)
    leads = _TO_RESOURCE.search(raw)
    at = leads.end() if leads else -1
    is_plain = raw.count(b'"resource"') == 1 and raw.startswith(resource, at)
    if resource and not (is_plain and resource.startswith(b"{")):
        return None
    return Element(
        offset=start,
        text=raw,
        resource_offset=start + at if resource else -1,
        resource_length=len(resource),
        full_url=entry.fullUrl.encode(),
    )
