"""Segments of X12: the delimiters that an ISA declares, and runs of segments.

A block is a run of segments of one interchange: what lies between two reads of a
stream, so that the work on a single segment stays small.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

_ISA_ELEMENTS = 16
ISA_LONGEST = 400
_ISA_LENGTH = 106
BLANKS = b" \t\r\n"
ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")


class Delimiters(msgspec.Struct, frozen=True):
    """The characters that separate elements, components and segments."""

    element: str = "*"
    component: str = ":"
    terminator: bytes = b"~"


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One segment: its elements, the identifier first, and where it lies.

    `number` counts from the ISA, which is 1; `end` is the offset after the segment.
    """

    elements: list[str]
    number: int
    offset: int
    end: int

    @property
    def tag(self) -> str:
        """The segment identifier, for example CLM."""
        return self.elements[0]

    @property
    def is_text(self) -> bool:
        """Whether all of it is text that a record can hold."""
        try:
            "".join(self.elements).encode()
        except UnicodeEncodeError:
            return False
        return True

    def at(self, position: int) -> str:
        """Return the element at a position, `` when the segment is shorter."""
        return self.elements[position] if position < len(self.elements) else ""


class Block(msgspec.Struct, kw_only=True):
    """Consecutive segments of one interchange, by index.

    `texts` hold no terminator and no line end; bytes that are not UTF-8 text are lone
    surrogates in them, which no record can hold, and `odd` are the indices of those
    segments. Each lies from its start to its end, terminator included.
    `first` is the number of the first segment, `before` the end of the one before it.
    """

    texts: list[str]
    starts: list[int]
    ends: list[int]
    first: int
    before: int
    marks: Delimiters
    odd: list[int] = []

    def end_before(self, index: int) -> int:
        """Return where the segment before this one ends."""
        return self.ends[index - 1] if index else self.before

    def next_envelope(self, index: int) -> int:
        """Return the index from this one on where a set ends; all there is without."""
        size = len(self.texts)
        while index < size:
            tag = self.texts[index].split(self.marks.element, 1)[0]
            if tag in ENVELOPE:
                break
            index += 1
        return index

    def segment(self, index: int) -> Segment:
        """Return one segment with its elements."""
        return Segment(
            elements=self.texts[index].split(self.marks.element),
            number=self.first + index,
            offset=self.starts[index],
            end=self.ends[index],
        )

    def canonical(self, first: int, stop: int) -> bytes:
        """Return segments as bytes that no choice of delimiters changes."""
        marks = self.marks
        texts = [*self.texts[first:stop], ""]
        text = marks.terminator.decode("ascii").join(texts)
        return text.encode("utf-8", "surrogatepass").translate(_canonical(marks))


@lru_cache(maxsize=64)
def _canonical(marks: Delimiters) -> bytes:
    own = (marks.element + marks.component).encode("ascii") + marks.terminator
    return bytes.maketrans(own, b"\x1f\x1d\x1e")


def delimiters(text: bytes) -> Delimiters | None:
    """Read the delimiters of an interchange from its ISA; None when it has none."""
    if not text.startswith(b"ISA") or len(text) < _ISA_LENGTH // 2:
        return None
    element = text[3:4]
    at = 3
    for _ in range(_ISA_ELEMENTS - 1):
        at = text.find(element, at + 1, ISA_LONGEST)
        if at < 0:
            return None
    component, terminator = text[at + 1 : at + 2], text[at + 2 : at + 3]
    marks = {element, component, terminator}
    if len(marks) < 3 or not all(_is_delimiter(mark) for mark in marks):
        return None
    return Delimiters(element.decode("ascii"), component.decode("ascii"), terminator)


def _is_delimiter(mark: bytes) -> bool:
    return mark.isascii() and len(mark) == 1 and not mark.isalnum()
