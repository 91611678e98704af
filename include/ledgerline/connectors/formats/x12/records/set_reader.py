"""Follow the segments of one transaction set, and make records of them.

What a set means is said by its kind: which segments it knows, and what they say. What
all kinds share is here: the place of a segment, findings, refusals, the records.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec

from ledgerline.connectors.formats.record import (
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
)
from ledgerline.connectors.formats.x12.records.draft import Body, Draft
from ledgerline.connectors.formats.x12.records.values import Unreadable
from ledgerline.connectors.formats.x12.segments.segment import (
    Block,
    Delimiters,
    Segment,
)

Elements = list[str]
Handler = Callable[[str], None]
"""Uses one segment."""
_Value = TypeVar("_Value")
_Place = tuple[str, int, int]
"""The identifier, the offset and the number of a segment."""
_Step = tuple[int, Handler | None, str]
"""The index of a segment, what uses it, and its text."""
_MOST_APART = 50


class OpenSet(msgspec.Struct, frozen=True, kw_only=True):
    """What the envelope says of a transaction set.

    `unit` is its ordinal in the file; `key` may exist with one content only. A set
    that `is_bare` came without envelope.
    """

    key: str
    unit: int
    kind: str
    implementation: str
    sender_id: str
    receiver_id: str
    interchange_control_number: str
    group_control_number: str
    group_date: str
    header: Segment
    marks: Delimiters
    is_bare: bool = False


class SetReader:
    """Takes the segments between ST and SE in order; keeps what they complete.

    A RecordRefused that a handler raises refuses what `refuse_part` says. Of a set
    that `is_whole` no record is refused alone.
    """

    is_whole = False

    block: Block

    def __init__(self, opened: OpenSet, handlers: Mapping[str, Handler]) -> None:
        """Begin a set whose segments mean what the handlers do."""
        self.opened = opened
        self.items: list[Record | Refusal] = []
        self.index = 0
        self.marks = opened.marks
        self._handlers = handlers
        self._text = bytearray()
        self._odd: deque[_Place] = deque()
        self._apart: list[_Place] = []

    def take(self, block: Block, first: int, stop: int) -> None:
        """Use segments of the set, from one index until before another.

        Raises RecordRefused, with `index` where, when the set is none.
        """
        self.block = block
        odd = block.odd
        for index in odd[bisect_left(odd, first) : bisect_left(odd, stop)]:
            place = _named(block.tags[index]), block.start(index), block.first + index
            self._odd.append(place)
        handlers = map(self._handlers.get, block.tags[first:stop])
        texts = block.texts[first:stop]
        steps = zip(range(first, stop), handlers, texts, strict=True)
        while not self._is_through(steps):
            pass
        self.index = stop

    def _is_through(self, steps: Iterator[_Step]) -> bool:
        """Use the next segments; False where one of them was refused."""
        try:
            for self.index, handler, text in steps:
                if handler is not None:
                    handler(text)
        except RecordRefused as refused:
            self.refuse_part(refused)
            return False
        except Unreadable as bad:
            self.refuse_part(self.refusal_of(bad))
            return False
        return True

    def refusal_of(self, bad: Unreadable) -> RecordRefused:
        """Return the refusal of an element of the segment at hand."""
        place = f"{bad.element} (segment {self.number})"
        return RecordRefused(bad.refusal_class, f"{place} {bad.message}")

    def refuse_part(self, refused: RecordRefused) -> None:
        """Refuse the part that is open; raises it again where that is the set."""
        raise refused

    def finish(self) -> None:
        """Complete what is open at the end of the set; raises RecordRefused."""

    @property
    def number(self) -> int:
        """The number of the segment at hand."""
        return self.block.first + self.index

    def place(self) -> tuple[int, int]:
        """Return offset and number of the segment at hand."""
        block, index = self.block, self.index
        return block.start(index), block.first + index

    def read(
        self, check: Callable[[str], _Value], elements: Elements, position: int
    ) -> _Value:
        """Return an element, which must be there, as a checked value."""
        try:
            return check(elements[position])
        except Unreadable as bad:
            bad.locate(elements, position)
            raise

    def outside(self, text: str, part: str) -> RecordRefused:
        """Return the refusal of a segment that stands where it cannot."""
        place = f"{text.split(self.marks.element, 1)[0]} (segment {self.number})"
        return RecordRefused(
            RefusalClass.SEGMENT_INVALID, f"{place} stands outside {part}"
        )

    def draft(self, resource_type: str, resource_id: str, body: Body) -> Draft:
        """Begin a record at the segment at hand."""
        block, index = self.block, self.index
        offset, number = block.start(index), block.first + index
        return Draft(resource_type, resource_id, body, offset, number, [])

    def whole(self, resource_type: str, body: Body) -> Draft:
        """Begin the record of the whole set, at its ST."""
        header = self.opened.header
        place = header.offset, header.number
        draft = Draft(resource_type, self.opened.key, body, *place, [])
        if self.opened.is_bare:
            draft.note(RefusalClass.ENVELOPE_INVALID, "ISA", *place)
        return draft

    def readable(
        self, check: Callable[[str], str], draft: Draft, text: str, element: str
    ) -> str:
        """Return a value that no money hangs on; note what is none, and leave it."""
        try:
            return check(text)
        except Unreadable as bad:
            draft.note(bad.refusal_class, element, *self.place())
            return ""

    def end(self, draft: Draft) -> None:
        """Complete a record before the segment at hand.

        Bytes that are not text break a record that takes them; else they are noted.
        """
        number = 0
        if self._odd or self._apart:
            odd = self._odd_within(draft)
            for place in odd:
                draft.note(RefusalClass.ENCODING, *place)
            number = (odd or self._apart or [("", 0, 0)])[-1][-1]
        end = self.block.end_before(self.index)
        item = draft.finish(end, self.opened.unit, self._text, number)
        if self.is_whole and isinstance(item, Refusal):
            raise RecordRefused(item.refusal_class, item.message)
        self.items.append(item)

    def _odd_within(self, draft: Draft) -> list[_Place]:
        """Take the segments of a record that are no text; keep a few before it."""
        odd, within = self._odd, []
        while odd and odd[0][-1] < draft.number:
            self._apart.append(odd.popleft())
        while odd and odd[0][-1] < self.number:
            within.append(odd.popleft())
        del self._apart[_MOST_APART:]
        if draft.number == self.opened.header.number:
            within = self._apart + within
        return within


def _named(tag: str) -> str:
    return tag if tag.isascii() and tag.isalnum() and len(tag) <= 3 else "?"
