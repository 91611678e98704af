"""Segments of X12: the delimiters that an ISA declares, and runs of segments.

A block is a run of segments of one interchange: what lies between two reads of a
stream, so that the work on a single segment stays small.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache

import msgspec

_ISA_ELEMENTS = 16
ISA_LONGEST = 400
_ISA_LENGTH = 106
BLANKS = b" \t\r\n"
ENVELOPE = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})
_STARTS = 4096
_ABSENT = [""] * 24


class Delimiters(msgspec.Struct, frozen=True):
    """The characters that separate elements, components and segments."""

    element: str = "*"
    component: str = ":"
    terminator: bytes = b"~"

    def elements(self, text: str) -> list[str]:
        """Return the elements of a segment, and enough empty ones after them."""
        elements = text.split(self.element)
        elements += _ABSENT
        return elements


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
    segments. Each ends at its end, and has its length in bytes without the terminator.
    `first` is the number of the first segment, `before` the end of the one before it.
    `tags` are the identifiers; `envelopes` are the indices where a set ends.
    """

    texts: list[str]
    tags: list[str]
    envelopes: list[int]
    ends: list[int]
    lengths: list[int]
    first: int
    before: int
    marks: Delimiters
    odd: list[int] = []

    def start(self, index: int) -> int:
        """Return where a segment begins."""
        return self.ends[index] - self.lengths[index] - 1

    def end_before(self, index: int) -> int:
        """Return where the segment before this one ends."""
        return self.ends[index - 1] if index else self.before

    def next_envelope(self, index: int) -> int:
        """Return the index from this one on where a set ends; all there is without."""
        at = bisect_left(self.envelopes, index)
        return self.envelopes[at] if at < len(self.envelopes) else len(self.texts)

    def segment(self, index: int) -> Segment:
        """Return one segment with its elements."""
        return Segment(
            elements=self.texts[index].split(self.marks.element),
            number=self.first + index,
            offset=self.start(index),
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


@lru_cache(maxsize=8)
def tag_reader(element: str) -> Callable[[str], str]:
    """Return what takes the identifier from the first four characters of a segment.

    An identifier of ours is shorter than that. There are few different starts.
    """

    @lru_cache(maxsize=_STARTS)
    def tag(start: str) -> str:
        return start.split(element, 1)[0]

    return tag


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
