"""Follow the envelopes of X12 and give each transaction set to its reader.

Counts and control numbers of SE, GE and IEA are checked. The smallest part that is
broken is refused: a claim, a transaction set, a group or an interchange.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from ledgerline.connectors.formats.record import (
    Item,
    ReadContent,
    RecordRefused,
    Refusal,
    RefusalClass,
    TransactionSet,
)
from ledgerline.connectors.formats.x12.records.set_reader import OpenSet, SetReader
from ledgerline.connectors.formats.x12.segments.segment import Block, Segment
from ledgerline.connectors.formats.x12.segments.splitter import blocks
from ledgerline.connectors.formats.x12.sets.choice import reader_of
from ledgerline.connectors.formats.x12.sets.interchange_ta1 import (
    acknowledged_interchange,
)

_OPENERS = {"ISA": 0, "GS": 1, "ST": 2}
_TRAILERS = {"IEA": 0, "GE": 1, "SE": 2}
_CONTROL_AT = {"ISA": 13, "GS": 6, "ST": 2}
_NAMES = ("interchange", "functional group", "transaction set")
_TYPES = ("X12 interchange", "X12 group", "X12 transaction")
_SET = _OPENERS["ST"]


def read(content: ReadContent) -> Iterator[Item]:
    """Yield the records, refusals and transaction sets of an X12 file in order.

    Raises FileRefused when the file is not X12.
    """
    envelope = _Envelope()
    for block in blocks(content()):
        yield from envelope.take(block)
    yield from envelope.finish()


@dataclass(kw_only=True)
class _Frame:
    """One open envelope: an interchange, a group or a transaction set.

    `reader` is there as long as the set can be taken.
    """

    header: Segment
    first_unit: int
    children: int = 0
    reader: SetReader | None = None
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def control_number(self) -> str:
        return self.header.at(_CONTROL_AT[self.header.tag]).strip()


class _Envelope:
    """The stack of open frames; level 0 interchange, 1 group, 2 transaction set."""

    def __init__(self) -> None:
        self._frames: list[_Frame] = []
        self._unit = 0
        self._end = 0

    def take(self, block: Block) -> Iterator[Item]:
        """Use a block of segments and yield what it completes or breaks."""
        index, size = 0, len(block.texts)
        while index < size:
            if len(self._frames) > _SET:
                index = yield from self._content(block, index)
            if index < size:
                yield from self._mark(block, index)
                self._end = block.ends[index]
                index += 1

    def finish(self) -> Iterator[Item]:
        """Refuse what is still open at the end of the file."""
        if self._frames:
            yield from self._refuse(0, self._missing(0))

    def _mark(self, block: Block, index: int) -> Iterator[Item]:
        """Use a segment of the envelopes."""
        segment = block.segment(index)
        tag = segment.tag
        if tag in _OPENERS:
            yield from self._open(segment, _OPENERS[tag], block, index)
        elif tag in _TRAILERS:
            yield from self._close(segment, _TRAILERS[tag])
        elif tag == "TA1" and self._frames:
            self._unit += 1
            yield acknowledged_interchange(
                segment, self._frames[0].header, self._key(), self._unit
            )
        else:
            yield from self._stray(segment)

    def _open(
        self, segment: Segment, level: int, block: Block, index: int
    ) -> Iterator[Item]:
        if len(self._frames) > level:
            yield from self._refuse(level, self._missing(level))
        if len(self._frames) < level:
            yield from self._stray(segment)
            return
        if self._frames:
            self._frames[-1].children += 1
        self._unit += level == _SET
        frame = _Frame(header=segment, first_unit=self._unit + (level < _SET))
        self._frames.append(frame)
        if level == _SET:
            frame.digest.update(block.canonical(index, index + 1))
            yield from self._begin_set(frame)

    def _begin_set(self, frame: _Frame) -> Iterator[Item]:
        interchange, group = self._frames[0].header, self._frames[1].header
        opened = OpenSet(
            key=self._key(),
            unit=self._unit,
            kind=frame.header.at(1),
            implementation=frame.header.at(3) or group.at(8),
            sender_id=interchange.at(6).strip(),
            receiver_id=interchange.at(8).strip(),
            interchange_control_number=self._frames[0].control_number,
            group_control_number=self._frames[1].control_number,
            group_date=group.at(4),
            header=frame.header,
        )
        try:
            frame.reader = reader_of(opened)
        except RecordRefused as refused:
            yield from self._refuse_open_set(refused)

    def _key(self) -> str:
        """Return what may exist once: who sent what to whom, by numbers of a day."""
        interchange, *inner = self._frames
        header = interchange.header
        parts = [header.at(6), header.at(8), header.at(9), interchange.control_number]
        for frame in inner:
            if frame.header.tag == "ST":
                parts.append(frame.header.at(1))
            parts.append(frame.control_number)
        return "|".join(part.strip() for part in parts)

    def _content(self, block: Block, first: int) -> Generator[Item, None, int]:
        """Let the open set take its segments; return the index where it ends."""
        frame = self._frames[_SET]
        if frame.reader is None:
            stop = block.next_envelope(first)
        else:
            stop = yield from self._taken(frame, frame.reader, block, first)
        self._end = block.end_before(stop)
        return stop

    def _taken(
        self, frame: _Frame, reader: SetReader, block: Block, first: int
    ) -> Generator[Item, None, int]:
        refused: RecordRefused | None = None
        try:
            stop = reader.take(block, first)
        except RecordRefused as error:
            refused, stop = error, reader.index
        yield from reader.items
        reader.items.clear()
        frame.digest.update(block.canonical(first, stop))
        if refused is not None:
            self._end = block.end_before(stop)
            yield from self._refuse_open_set(refused)
            stop = block.next_envelope(stop)
        return stop

    def _close(self, trailer: Segment, level: int) -> Iterator[Item]:
        if len(self._frames) > level + 1:
            yield from self._refuse(level + 1, self._missing(level + 1))
        if len(self._frames) <= level:
            yield from self._stray(trailer)
            return
        frame = self._frames[level]
        self._end = trailer.end
        if level == _SET:
            frame.children = trailer.number - frame.header.number + 1
        if not _agrees(trailer, frame):
            yield from self._refuse(level, _disagreement(trailer, frame, level))
            return
        if frame.reader is not None:
            yield from self._end_set(frame, frame.reader, trailer)
        self._frames.pop()

    def _end_set(
        self, frame: _Frame, reader: SetReader, trailer: Segment
    ) -> Iterator[Item]:
        try:
            reader.finish()
        except RecordRefused as refused:
            yield from reader.items
            yield from self._refuse_open_set(refused)
            return
        yield from reader.items
        yield TransactionSet(
            unit=self._unit,
            key=reader.opened.key,
            resource_type=f"{_word(frame.header.at(1))} transaction",
            content_sha256=frame.digest.digest(),
            byte_offset=frame.header.offset,
            byte_length=trailer.end - frame.header.offset,
        )

    def _refuse_open_set(self, refused: RecordRefused) -> Iterator[Item]:
        """Refuse the transaction set that is open, and read on to its end."""
        self._frames[_SET].reader = None
        yield self._refusal(_SET, refused)

    def _refuse(self, level: int, refused: RecordRefused) -> Iterator[Item]:
        yield self._refusal(level, refused)
        del self._frames[level:]

    def _refusal(self, level: int, refused: RecordRefused) -> Refusal:
        frame = self._frames[level]
        resource_type = _TYPES[level]
        if level == _SET:
            resource_type = f"{_word(frame.header.at(1))} transaction"
        return Refusal(
            resource_type=resource_type,
            refusal_class=refused.refusal_class,
            message=refused.message,
            byte_offset=frame.header.offset,
            byte_length=max(self._end, frame.header.end) - frame.header.offset,
            withdraws=(frame.first_unit, self._unit),
        )

    def _missing(self, level: int) -> RecordRefused:
        trailer = ("IEA", "GE", "SE")[level]
        number = self._frames[level].header.number
        return RecordRefused(
            RefusalClass.COUNT_MISMATCH,
            f"the {_NAMES[level]} (segment {number}) has no {trailer} at its end; "
            "deliver it again",
        )

    def _stray(self, segment: Segment) -> Iterator[Item]:
        yield Refusal(
            resource_type="X12 segment",
            refusal_class=RefusalClass.ENVELOPE_INVALID,
            message=f"segment {segment.number} stands outside its envelope",
            byte_offset=segment.offset,
            byte_length=segment.end - segment.offset,
        )


def _agrees(trailer: Segment, frame: _Frame) -> bool:
    count = trailer.at(1).strip()
    return (
        count.isascii()
        and count.isdecimal()
        and len(count) <= 10
        and int(count) == frame.children
        and trailer.at(2).strip() == frame.control_number
    )


def _disagreement(trailer: Segment, frame: _Frame, level: int) -> RecordRefused:
    return RecordRefused(
        RefusalClass.COUNT_MISMATCH,
        f"the count or control number in {trailer.tag} (segment {trailer.number}) does "
        f"not agree with the {_NAMES[level]} (segment {frame.header.number}); deliver "
        "it again",
    )


def _word(text: str) -> str:
    return text if text.isascii() and text.isalnum() and len(text) <= 6 else "unknown"
