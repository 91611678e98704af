"""Take the entries out of Bundles in a stream, however large the Bundle is.

A structural scan finds the elements of the top-level `entry` array; only one element
is held at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    RefusalClass,
)

TOKEN = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|[\[\]{},:"]')
"""Whole strings and punctuation; a lone quote is a string that is not whole here."""
_ENTRY_DEPTH = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One element of an `entry` array, as bytes, with its offset in the content."""

    offset: int
    text: bytes


class _Scanner:
    """Follows depth and the current top-level key through blocks of bytes."""

    def __init__(self) -> None:
        self.depth = 0
        self.is_in_entry = False
        self.start = -1
        self.documents = 0
        self.end = 0
        self._last_text = b""
        self._key = b""

    def feed(self, buffer: bytes, base: int, begin: int) -> Iterator[Element]:
        """Yield the elements that end in `buffer`, whose first byte is at `base`."""
        self.end = begin
        for token in TOKEN.finditer(buffer, begin):
            mark = token[0]
            if mark == b'"':
                return
            self.end = token.end()
            if mark in b"[{":
                self._open(mark, token.start() + base)
            elif mark in b"]}":
                if self._closes_element(mark):
                    yield Element(
                        offset=self.start,
                        text=buffer[self.start - base : token.end()],
                    )
                    self.start = -1
                self._close()
            elif self.depth == 1:
                self._follow_key(mark)

    def _open(self, mark: bytes, at: int) -> None:
        if self.depth == 1 and mark == b"[" and self._key == b'"entry"':
            self.is_in_entry = True
        elif self.is_in_entry and self.depth == _ENTRY_DEPTH:
            self.start = at
        self.depth += 1

    def _closes_element(self, mark: bytes) -> bool:
        return (
            mark == b"}"
            and self.is_in_entry
            and self.depth == _ENTRY_DEPTH + 1
            and self.start >= 0
        )

    def _close(self) -> None:
        self.depth -= 1
        if self.depth < 0:
            raise _broken()
        if self.depth == 1:
            self.is_in_entry = False
        elif self.depth == 0:
            self.documents += 1
            self._key = b""

    def _follow_key(self, mark: bytes) -> None:
        if mark == b":":
            self._key = self._last_text
        elif mark == b",":
            self._key = b""
        else:
            self._last_text = mark


def elements(
    content: Iterable[bytes], cap: int = MAX_RECORD_BYTES
) -> Iterator[Element]:
    """Yield the entries of every Bundle in the content.

    Raises FileRefused when the JSON of the Bundle itself is broken or cut off.
    """
    scanner = _Scanner()
    buffer = b""
    base = 0
    begin = 0
    for chunk in content:
        buffer += chunk
        yield from scanner.feed(buffer, base, begin)
        keep = scanner.start - base if scanner.start >= 0 else scanner.end
        if len(buffer) - keep > cap + len(chunk):
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"an entry of the Bundle is longer than {cap} bytes",
            )
        begin = scanner.end - keep
        buffer, base = buffer[keep:], base + keep
    if scanner.depth or not scanner.documents or buffer[begin:].strip():
        raise _broken()


def members(element: bytes) -> dict[bytes, tuple[int, int]]:
    """Return where the value of each top-level key of an object starts and ends."""
    found: dict[bytes, tuple[int, int]] = {}
    level = 0
    last = key = b""
    start = -1
    for token in TOKEN.finditer(element):
        mark = token[0]
        if level == 1 and mark == b":":
            key, start = last, token.end()
        elif level == 1 and (mark in {b",", b"}"}) and start >= 0:
            found[key[1:-1]] = _trimmed(element, start, token.start())
            start = -1
        elif level == 1:
            last = mark
        level += (mark in {b"{", b"["}) - (mark in {b"}", b"]"})
    return found


def _trimmed(text: bytes, start: int, end: int) -> tuple[int, int]:
    value = text[start:end]
    return start + len(value) - len(value.lstrip()), start + len(value.rstrip())


def _broken() -> FileRefused:
    return FileRefused(
        RefusalClass.TRUNCATED_RECORD,
        "the Bundle is not complete JSON; deliver the file again",
    )
