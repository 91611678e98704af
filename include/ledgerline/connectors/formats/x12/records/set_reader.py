"""Follow the segments of one transaction set, and make records of them.

What a set means is said by its kind: which segments it knows, and what they say. What
all kinds share is here: the place of a segment, findings, refusals, the records.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping
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
from ledgerline.connectors.formats.x12.segments.segment import ENVELOPE, Block, Segment

Elements = list[str]
Handler = Callable[[Elements], bool | None]
"""Uses one segment, whose elements it may change; True where the set ends."""
ABSENT = [""] * 20
"""Added to the elements of a segment, it makes every position there."""
_Value = TypeVar("_Value")
_Place = tuple[str, int, int]
"""The identifier, the offset and the number of a segment."""
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
        self._handlers = {**handlers, **dict.fromkeys(ENVELOPE, _end)}
        self._odd: deque[_Place] = deque()
        self._apart: list[_Place] = []

    def take(self, block: Block, first: int) -> int:
        """Use the segments from an index on; return the index where the set ends.

        Raises RecordRefused, with `index` where, when the set is none.
        """
        self.block = block
        for index in block.odd[bisect_left(block.odd, first) :]:
            tag = block.texts[index].split(block.marks.element, 1)[0]
            self._odd.append((_named(tag), block.starts[index], block.first + index))
        size = len(block.texts)
        while first < size:
            try:
                return self._run(block, first)
            except RecordRefused as refused:
                self.refuse_part(refused)
                first = self.index + 1
        return size

    def _run(self, block: Block, first: int) -> int:
        handlers, texts, separator = self._handlers, block.texts, block.marks.element
        for self.index in range(first, len(texts)):
            elements = texts[self.index].split(separator)
            handler = handlers.get(elements[0])
            if handler is not None and handler(elements):
                return self.index
        return len(texts)

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
        return block.starts[index], block.first + index

    def composite(self, element: str) -> list[str]:
        """Return the components of an element."""
        return element.split(self.block.marks.component)

    def split(self, draft: Draft, elements: Elements, position: int) -> list[str]:
        """Return the components of an element; note one that has no separator."""
        element = elements[position]
        parts = element.split(self.block.marks.component)
        if len(parts) == 1 and element:
            name = f"{_named(elements[0])}{position:02}"
            draft.note(RefusalClass.CODE_INVALID, name, *self.place())
            return [""]
        return parts

    def read(
        self, check: Callable[[str], _Value], elements: Elements, position: int
    ) -> _Value:
        """Return an element, which must be there, as a checked value."""
        try:
            return check(elements[position])
        except Unreadable as bad:
            raise self.misplaced(bad, elements, position) from bad

    def misplaced(
        self, bad: Unreadable, elements: Elements, *positions: int
    ) -> RecordRefused:
        """Return the refusal of the first of these elements that has the bad value."""
        at = next((at for at in positions if elements[at] == bad.text), positions[0])
        place = f"{_named(elements[0])}{at:02} (segment {self.number})"
        return RecordRefused(bad.refusal_class, f"{place} {bad.message}")

    def outside(self, elements: Elements, part: str) -> RecordRefused:
        """Return the refusal of a segment that stands where it cannot."""
        place = f"{_named(elements[0])} (segment {self.number})"
        return RecordRefused(
            RefusalClass.SEGMENT_INVALID, f"{place} stands outside {part}"
        )

    def draft(self, resource_type: str, resource_id: str, body: Body) -> Draft:
        """Begin a record at the segment at hand."""
        return Draft(resource_type, resource_id, body, *self.place(), [])

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
        item = draft.finish(end, self.opened.unit, number)
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


def _end(_elements: Elements) -> bool:
    return True


def _named(tag: str) -> str:
    return tag if tag.isascii() and tag.isalnum() and len(tag) <= 3 else "?"
