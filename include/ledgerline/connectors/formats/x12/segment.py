"""Split a stream of X12 into segments on the delimiters that its ISA declares.

Tolerant: several interchanges a file with delimiters of their own, line ends after
terminators, a byte order mark, an ISA without padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    RefusalClass,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ISA_ELEMENTS = 16
_ISA_LONGEST = 400
_ISA_LENGTH = 106
_ISA_PIECES = 40
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delimiters:
    """The characters that separate elements, components and segments."""

    element: str
    component: str
    terminator: bytes


class Segment(msgspec.Struct, frozen=True):
    """One segment: its elements, the identifier first, and where it lies."""

    elements: list[str]
    number: int
    offset: int
    length: int
    component: str
    is_terminated: bool = True
    is_text: bool = True

    @property
    def tag(self) -> str:
        """The segment identifier, for example CLM."""
        return self.elements[0]

    @property
    def end(self) -> int:
        """Offset of the first byte after the segment."""
        return self.offset + self.length

    def at(self, position: int) -> str:
        """Return the element at a position, `` when the segment is shorter."""
        return self.elements[position] if position < len(self.elements) else ""

    def composite(self, position: int) -> list[str]:
        """Return the components of the element at a position."""
        return self.at(position).split(self.component)


def segments(content: Iterable[bytes]) -> Iterator[Segment]:
    """Yield every segment of the content; the number starts at 1 in each interchange.

    Raises FileRefused when the content does not begin with an ISA.
    """
    splitter = _Splitter()
    for chunk in content:
        yield from splitter.feed(chunk)
    yield from splitter.finish()


class _Splitter:
    """Holds the unfinished tail of the content and the delimiters in force."""

    def __init__(self) -> None:
        self._rest = b""
        self._offset = 0
        self._number = 0
        self._delimiters = Delimiters(element="*", component=":", terminator=b"~")
        self._is_start = True

    def feed(self, chunk: bytes) -> Iterator[Segment]:
        """Yield the segments that are complete with this chunk."""
        self._rest += chunk
        if self._is_start and len(self._rest) < _ISA_LONGEST:
            return
        yield from self._split(is_final=False)
        if len(self._rest) > MAX_RECORD_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"a segment is longer than {MAX_RECORD_BYTES} bytes",
            )

    def finish(self) -> Iterator[Segment]:
        """Yield what is left; the last segment may lack its terminator."""
        yield from self._split(is_final=True)
        tail = self._rest.rstrip(_BLANKS)
        if tail.lstrip(_BLANKS):
            text = tail.lstrip(_BLANKS)
            self._offset += len(tail) - len(text)
            yield self._segment(text, is_terminated=False)

    def _split(self, *, is_final: bool) -> Iterator[Segment]:
        if self._is_start:
            self._begin()
        is_split = False
        while not is_split:
            pieces = self._rest.split(self._delimiters.terminator)
            for position, raw in enumerate(pieces):
                if self._begins_otherwise(pieces, position, is_final=is_final):
                    is_split = self._switch(pieces[position:])
                    break
                if position == len(pieces) - 1:
                    self._rest, is_split = raw, True
                else:
                    yield from self._take(raw)

    def _begin(self) -> None:
        content = self._rest
        body = content.removeprefix(BYTE_ORDER_MARK).lstrip(_BLANKS)
        self._offset = len(content) - len(body)
        self._rest = body
        self._is_start = False
        found = delimiters(body)
        if found is None:
            raise _not_x12(body)
        self._delimiters = found

    def _begins_otherwise(
        self, pieces: list[bytes], position: int, *, is_final: bool
    ) -> bool:
        """Tell whether an ISA starts here whose delimiters are, or may be, others."""
        if not pieces[position].lstrip(_BLANKS).startswith(b"ISA"):
            return False
        near = pieces[position : position + _ISA_PIECES]
        text = self._delimiters.terminator.join(near).lstrip(_BLANKS)
        found = delimiters(text)
        if found is None:
            is_all = position + _ISA_PIECES >= len(pieces)
            return is_all and not is_final and len(text) < _ISA_LONGEST
        return found != self._delimiters

    def _switch(self, pieces: list[bytes]) -> bool:
        """Use the delimiters of the ISA in front; True when more bytes are needed."""
        content = self._delimiters.terminator.join(pieces)
        self._rest = content.lstrip(_BLANKS)
        self._offset += len(content) - len(self._rest)
        found = delimiters(self._rest)
        self._delimiters = found or self._delimiters
        return found is None

    def _take(self, raw: bytes) -> Iterator[Segment]:
        text = raw.lstrip(_BLANKS)
        self._offset += len(raw) - len(text)
        if text:
            yield self._segment(text, is_terminated=True)
        self._offset += len(text) + 1

    def _segment(self, raw: bytes, *, is_terminated: bool) -> Segment:
        marks = self._delimiters
        self._number = 1 if raw.startswith(b"ISA") else self._number + 1
        try:
            text, is_text = raw.rstrip(b"\r\n").decode("utf-8"), b"\x00" not in raw
        except UnicodeDecodeError:
            text, is_text = raw.decode("latin-1"), False
        return Segment(
            text.split(marks.element),
            self._number,
            self._offset,
            len(raw) + is_terminated,
            marks.component,
            is_terminated,
            is_text,
        )


def delimiters(text: bytes) -> Delimiters | None:
    """Read the delimiters of an interchange from its ISA; None when it has none."""
    if not text.startswith(b"ISA") or len(text) < _ISA_LENGTH // 2:
        return None
    element = text[3:4]
    at = 3
    for _ in range(_ISA_ELEMENTS - 1):
        at = text.find(element, at + 1, _ISA_LONGEST)
        if at < 0:
            return None
    component, terminator = text[at + 1 : at + 2], text[at + 2 : at + 3]
    marks = {element, component, terminator}
    if len(marks) < 3 or not all(_is_delimiter(mark) for mark in marks):
        return None
    return Delimiters(
        element=element.decode("ascii"),
        component=component.decode("ascii"),
        terminator=terminator,
    )


def _is_delimiter(mark: bytes) -> bool:
    return mark.isascii() and len(mark) == 1 and not mark.isalnum()


def _not_x12(body: bytes) -> FileRefused:
    if body.startswith((b"GS", b"ST", b"ISA")):
        return FileRefused(
            RefusalClass.ENVELOPE_INVALID,
            "the file has no usable ISA segment; deliver the whole interchange",
        )
    return FileRefused(
        RefusalClass.UNRECOGNISED_FORMAT,
        "the file is not X12: it does not begin with an ISA segment",
    )
