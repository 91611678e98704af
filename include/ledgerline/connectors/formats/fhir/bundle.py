"""Take the entries out of Bundles in a stream, however large the Bundle is.

A structural scan finds the elements of the top-level `entry` array and the resource
in each; only one element is held at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    RefusalClass,
)

TOKEN = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"(?:\s*:)?|[\[\]{}"]')
"""Brackets, strings, keys with their colon; a lone quote is an unfinished string."""
_ENTRIES, _MEMBERS = 2, 3
_ENTRY = b'"entry"'
_BETWEEN = b", \t\r\n"


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One element of an `entry` array: where it lies, its resource, its address."""

    offset: int
    text: bytes
    resource_offset: int
    resource_length: int
    full_url: bytes

    @property
    def length(self) -> int:
        """How long it is."""
        return len(self.text)

    @property
    def resource(self) -> bytes:
        """Its resource, empty when it has none."""
        begin = self.resource_offset - self.offset
        return self.text[begin : begin + self.resource_length] if begin >= 0 else b""


class _Scanner:
    """Follows depth and keys through blocks of bytes; positions are in the content.

    `types` are the types of the Bundles that ended.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.types: list[bytes] = []
        self.start = -1
        self.end = 0
        self._is_in_entry = False
        self._key = self._type = b""
        self._resource = (-1, -1)
        self._full_url = b""

    def feed(self, buffer: bytes, base: int) -> Iterator[Element]:
        """Yield the elements that end in `buffer`, whose first byte is at `base`."""
        for token in TOKEN.finditer(buffer, self.end - base):
            mark = token[0]
            if mark.startswith(b'"'):
                if mark == b'"' or _is_blank_from(buffer, token.end()):
                    return
                self._text(mark)
            else:
                if self._is_among_entries() or self._begins_entries():
                    _refuse_stray(buffer[self.end - base : token.start()])
                if mark in b"[{":
                    self._open(mark, base + token.start())
                else:
                    self._close(base + token.end())
                    if self.depth == _ENTRIES and self.start >= 0:
                        yield self._element(buffer, base, token.end())
            self.end = base + token.end()

    def _text(self, mark: bytes) -> None:
        if mark.endswith(b":"):
            if self.depth in {1, _MEMBERS}:
                self._key = mark[:-1].rstrip()
        elif self.depth == _MEMBERS and self._key == b'"fullUrl"':
            self._full_url = mark[1:-1]
        elif self.depth == 1 and self._key == b'"type"':
            self._type = mark[1:-1]
        elif self._is_among_entries() or self._begins_entries():
            raise _no_entry()

    def _is_among_entries(self) -> bool:
        return self._is_in_entry and self.depth == _ENTRIES

    def _begins_entries(self) -> bool:
        return self.depth == 1 and self._key == _ENTRY

    def _open(self, mark: bytes, at: int) -> None:
        if self._begins_entries() and mark != b"[":
            raise _no_entry()
        if self.depth == 1:
            self._is_in_entry = self._begins_entries()
        elif self._is_among_entries():
            if mark != b"{":
                raise _no_entry()
            self.start, self._resource, self._full_url = at, (-1, -1), b""
            self._key = b""
        elif self._is_in_entry and self._begins_resource(mark):
            self._resource = (at, -1)
        self.depth += 1

    def _begins_resource(self, mark: bytes) -> bool:
        return self.depth == _MEMBERS and mark == b"{" and self._key == b'"resource"'

    def _close(self, at: int) -> None:
        self.depth -= 1
        if self.depth < 0:
            raise _broken()
        if self.depth == 1 and self._is_in_entry:
            self._is_in_entry, self._key = False, _ENTRY
        if self.depth == 0:
            self.types.append(self._type)
            self._type = b""
        elif self.depth == _MEMBERS and self._resource[1] < 0 <= self._resource[0]:
            self._resource = (self._resource[0], at)

    def _element(self, buffer: bytes, base: int, end: int) -> Element:
        begin, until = self._resource
        found = Element(
            offset=self.start,
            text=buffer[self.start - base : end],
            resource_offset=begin,
            resource_length=until - begin,
            full_url=self._full_url,
        )
        self.start = -1
        return found


def elements(
    content: Iterable[bytes],
    cap: int = MAX_RECORD_BYTES,
    types: list[bytes] | None = None,
) -> Iterator[Element]:
    """Yield the entries of every Bundle in the content, and add their types.

    Raises FileRefused when the JSON of the Bundle itself is broken or cut off, or
    when what stands among its entries is none.
    """
    scanner = _Scanner()
    buffer, base = b"", 0
    for chunk in content:
        buffer += chunk
        yield from scanner.feed(buffer, base)
        keep = (scanner.start if scanner.start >= 0 else scanner.end) - base
        if len(buffer) - keep > cap + len(chunk):
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"an entry of the Bundle is longer than {cap} bytes",
            )
        buffer, base = buffer[keep:], base + keep
    if scanner.depth or not scanner.types or buffer[scanner.end - base :].strip():
        raise _broken()
    if types is not None:
        types += scanner.types


def _refuse_stray(between: bytes) -> None:
    """Refuse a number or a literal among or behind the entries, or instead of them."""
    if between.strip(_BETWEEN):
        raise _no_entry()


def _is_blank_from(buffer: bytes, start: int) -> bool:
    """Tell whether a colon may still follow after the end of the buffer."""
    return not buffer[start : start + 64].strip()


def _broken() -> FileRefused:
    return FileRefused(
        RefusalClass.TRUNCATED_RECORD,
        "the JSON of the file is not complete; deliver the file again",
    )


def _no_entry() -> FileRefused:
    return FileRefused(
        RefusalClass.CONTRACT_DRIFT,
        "`entry` is no list of objects; deliver the Bundle again as FHIR has it",
    )
