"""Split a stream of X12 into segments on the delimiters that its ISA declares.

Tolerant: several interchanges a file with delimiters of their own, line ends after
terminators, a byte order mark, an ISA without padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    RefusalClass,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ISA_ELEMENTS = 16
_ISA_LONGEST = 400
_ISA_LENGTH = 106
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delimiters:
    """The characters that separate elements, components and segments."""

    element: bytes
    component: str
    terminator: bytes


@dataclass(frozen=True, slots=True)
class Segment:
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
        self._delimiters: Delimiters | None = None
        self._is_start = True

    def feed(self, chunk: bytes) -> Iterator[Segment]:
        """Yield the segments that are complete with this chunk."""
        self._rest += chunk
        if self._is_start and len(self._rest) < _ISA_LONGEST:
            return
        yield from self._split()
        if len(self._rest) > MAX_RECORD_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"a segment is longer than {MAX_RECORD_BYTES} bytes",
            )

    def finish(self) -> Iterator[Segment]:
        """Yield what is left; the last segment may lack its terminator."""
        yield from self._split()
        tail = self._rest.rstrip(_BLANKS)
        if tail and self._delimiters:
            yield self._segment(tail, self._delimiters, is_terminated=False)

    def _split(self) -> Iterator[Segment]:
        if self._is_start:
            self._begin()
        while self._delimiters:
            *whole, rest = self._rest.split(self._delimiters.terminator)
            self._rest = rest
            for position, raw in enumerate(whole):
                if raw.lstrip(_BLANKS).startswith(b"ISA") and not self._fits(raw):
                    # Other delimiters from here on: split what is left again.
                    terminator = self._delimiters.terminator
                    self._rest = terminator.join([*whole[position:], rest])
                    break
                yield from self._take(raw)
            else:
                return
            if not self._switch():
                return

    def _begin(self) -> None:
        content = self._rest
        body = content.removeprefix(BYTE_ORDER_MARK).lstrip(_BLANKS)
        self._offset = len(content) - len(body)
        self._rest = body
        self._is_start = False
        self._delimiters = delimiters(body)
        if self._delimiters is None:
            raise _not_x12(body)

    def _fits(self, raw: bytes) -> bool:
        """Tell whether an ISA uses the delimiters in force."""
        assert self._delimiters is not None  # noqa: S101
        text = raw.lstrip(_BLANKS) + self._delimiters.terminator
        return delimiters(text) == self._delimiters

    def _switch(self) -> bool:
        body = self._rest.lstrip(_BLANKS)
        self._offset += len(self._rest) - len(body)
        self._rest = body
        found = delimiters(body)
        if found is None and len(body) >= _ISA_LONGEST:
            raise _not_x12(body)
        if found is not None:
            self._delimiters = found
        return found is not None

    def _take(self, raw: bytes) -> Iterator[Segment]:
        text = raw.lstrip(_BLANKS)
        self._offset += len(raw) - len(text)
        if text and self._delimiters:
            yield self._segment(text, self._delimiters, is_terminated=True)
        self._offset += len(text) + 1

    def _segment(
        self, raw: bytes, marks: Delimiters, *, is_terminated: bool
    ) -> Segment:
        self._number = 1 if raw.startswith(b"ISA") else self._number + 1
        try:
            text, is_text = raw.rstrip(b"\r\n").decode("utf-8"), b"\x00" not in raw
        except UnicodeDecodeError:
            text, is_text = raw.decode("latin-1"), False
        return Segment(
            elements=text.split(marks.element.decode("latin-1")),
            number=self._number,
            offset=self._offset,
            length=len(raw) + is_terminated,
            component=marks.component,
            is_terminated=is_terminated,
            is_text=is_text,
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
    if len(marks) < 3 or any(mark.isalnum() or mark > b"\x7f" for mark in marks):
        return None
    return Delimiters(
        element=element, component=component.decode("ascii"), terminator=terminator
    )


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
