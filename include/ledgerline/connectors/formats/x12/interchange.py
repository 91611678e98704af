"""Follow the envelopes of X12 and give each transaction set to its reader.

Counts and control numbers of SE, GE and IEA are checked. The smallest part that is
broken is refused: a claim, a transaction set, a group or an interchange.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from ledgerline.connectors.formats.record import (
    Item,
    ReadContent,
    RecordRefused,
    Refusal,
    RefusalClass,
    TransactionSet,
)
from ledgerline.connectors.formats.x12.frame import (
    OPENERS,
    SET,
    TRAILERS,
    Frame,
    bare_frames,
    key_of,
    opened_set,
)
from ledgerline.connectors.formats.x12.records.set_reader import SetReader
from ledgerline.connectors.formats.x12.segments.segment import Block, Segment
from ledgerline.connectors.formats.x12.segments.splitter import (
    blocks,
    without_interchange,
)
from ledgerline.connectors.formats.x12.sets.choice import reader_of
from ledgerline.connectors.formats.x12.sets.interchange_ta1 import (
    acknowledged_interchange,
)


def read(content: ReadContent) -> Iterator[Item]:
    """Yield the records, refusals and transaction sets of an X12 file in order.

    Raises FileRefused when the file is not X12.
    """
    envelope = _Envelope()
    for block in blocks(content()):
        yield from envelope.take(block)
    yield from envelope.finish()


class _Envelope:
    """The stack of open frames; level 0 interchange, 1 group, 2 transaction set."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._strays: list[Segment] = []
        self._unit = 0
        self._end = 0

    def take(self, block: Block) -> Iterator[Item]:
        """Use a block of segments and yield what it completes or breaks."""
        index, size = 0, len(block.texts)
        while index < size:
            if len(self._frames) > SET:
                index = yield from self._content(block, index)
            if index < size:
                self._refuse_mixture(block, index)
                yield from self._mark(block, index)
                self._end = block.ends[index]
                index += 1

    def finish(self) -> Iterator[Item]:
        """Refuse what is still open at the end of the file."""
        yield from self._end_strays()
        if self._is_bare:
            del self._frames[:SET]
        if self._frames:
            yield from self._refuse(0, self._frames[0].missing())

    @property
    def _is_bare(self) -> bool:
        return bool(self._frames and self._frames[0].name)

    def _refuse_mixture(self, block: Block, index: int) -> None:
        """Let a transaction set come bare only where nothing else is in its file."""
        tag = block.segment(index).tag
        if not self._end and tag == "ST":
            self._frames = bare_frames(block, index)
        elif self._is_bare and not (tag == "SE" and len(self._frames) > SET):
            raise without_interchange()

    def _mark(self, block: Block, index: int) -> Iterator[Item]:
        """Use a segment of the envelopes."""
        segment = block.segment(index)
        tag = segment.tag
        if self._is_stray(tag):
            self._strays[1:] = [segment]
            return
        yield from self._end_strays()
        if tag in OPENERS:
            yield from self._open(segment, OPENERS[tag], block, index)
        elif tag in TRAILERS:
            yield from self._close(segment, TRAILERS[tag])
        else:
            self._unit += 1
            header, key = self._frames[0].header, key_of(self._frames)
            yield acknowledged_interchange(segment, header, key, self._unit)

    def _is_stray(self, tag: str) -> bool:
        """Tell whether a segment stands outside the envelope that it needs."""
        depth = len(self._frames)
        if tag in OPENERS:
            return depth < OPENERS[tag]
        if tag in TRAILERS:
            return depth <= TRAILERS[tag]
        return tag != "TA1" or not depth

    def _end_strays(self) -> Iterator[Item]:
        """Refuse a run of segments outside their envelope, all at once."""
        if self._strays:
            first, last = self._strays[0], self._strays[-1]
            self._strays = []
            yield Refusal(
                resource_type="X12 segment",
                refusal_class=RefusalClass.ENVELOPE_INVALID,
                message=f"segments {first.number} to {last.number} stand outside their "
                "envelope; deliver the interchange again",
                byte_offset=first.offset,
                byte_length=last.end - first.offset,
            )

    def _open(
        self, segment: Segment, level: int, block: Block, index: int
    ) -> Iterator[Item]:
        if len(self._frames) > level:
            yield from self._refuse(level, self._frames[level].missing())
        if self._frames:
            self._frames[-1].children += 1
        self._unit += level == SET
        frame = Frame(header=segment, first_unit=self._unit + (level < SET))
        self._frames.append(frame)
        if level == SET:
            frame.digest.update(block.canonical(index, index + 1))
            try:
                frame.reader = reader_of(
                    opened_set(self._frames, self._unit, block.marks)
                )
            except RecordRefused as refused:
                yield self._refuse_set(refused)

    def _content(self, block: Block, first: int) -> Generator[Item, None, int]:
        """Let the open set take its segments; return the index where it ends."""
        frame = self._frames[SET]
        stop = block.next_envelope(first)
        if frame.reader is not None:
            yield from self._taken(frame, frame.reader, block, first)
        self._end = block.end_before(stop)
        return stop

    def _taken(
        self, frame: Frame, reader: SetReader, block: Block, first: int
    ) -> Iterator[Item]:
        stop = block.next_envelope(first)
        refused: RecordRefused | None = None
        try:
            reader.take(block, first, stop)
        except RecordRefused as error:
            refused, stop = error, reader.index
        yield from reader.items
        reader.items.clear()
        frame.digest.update(block.canonical(first, stop))
        if refused is not None:
            self._end = block.end_before(stop)
            yield self._refuse_set(refused)

    def _close(self, trailer: Segment, level: int) -> Iterator[Item]:
        if len(self._frames) > level + 1:
            yield from self._refuse(level + 1, self._frames[level + 1].missing())
        frame = self._frames[level]
        self._end = trailer.end
        if level == SET:
            frame.children = trailer.number - frame.header.number + 1
        if not frame.agrees(trailer):
            yield from self._refuse(level, frame.disagreement(trailer))
            return
        if frame.reader is not None:
            yield from self._end_set(frame, frame.reader, trailer)
        self._frames.pop()

    def _end_set(
        self, frame: Frame, reader: SetReader, trailer: Segment
    ) -> Iterator[Item]:
        try:
            reader.finish()
        except RecordRefused as refused:
            yield from reader.items
            yield self._refuse_set(refused)
            return
        yield from reader.items
        yield TransactionSet(
            unit=self._unit,
            key=reader.opened.key,
            resource_type=frame.resource_type,
            content_sha256=frame.digest.digest(),
            byte_offset=frame.header.offset,
            byte_length=trailer.end - frame.header.offset,
        )

    def _refuse_set(self, refused: RecordRefused) -> Refusal:
        """Refuse the transaction set that is open, and read on to its end."""
        frame = self._frames[SET]
        frame.reader = None
        return frame.refusal(refused, self._end, self._unit)

    def _refuse(self, level: int, refused: RecordRefused) -> Iterator[Item]:
        yield self._frames[level].refusal(refused, self._end, self._unit)
        del self._frames[level:]
