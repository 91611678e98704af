"""Follow the envelopes of X12 and give each transaction set to its mapper.

Counts and control numbers of SE, GE and IEA are checked. The smallest part that is
broken is refused: a claim, a transaction set, a group or an interchange.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ledgerline.connectors.formats.record import (
    Item,
    ReadContent,
    RecordRefused,
    Refusal,
    RefusalClass,
    TransactionSet,
)
from ledgerline.connectors.formats.x12.mapper import Mapper, mapper_for
from ledgerline.connectors.formats.x12.segment import Segment, segments

_OPENERS = {"ISA": 0, "GS": 1, "ST": 2}
_TRAILERS = {"IEA": 0, "GE": 1, "SE": 2}
_CONTROL_AT = {"ISA": 13, "GS": 6, "ST": 2}
_NAMES = ("interchange", "functional group", "transaction set")
_TYPES = ("X12 interchange", "X12 group", "X12 transaction")


def read(content: ReadContent) -> Iterator[Item]:
    """Yield the records, refusals and transaction sets of an X12 file in order.

    Raises FileRefused when the file is not X12.
    """
    envelope = _Envelope()
    for segment in segments(content()):
        yield from envelope.take(segment)
    yield from envelope.finish()


@dataclass(kw_only=True)
class _Frame:
    """One open envelope: an interchange, a group or a transaction set."""

    header: Segment
    first_unit: int
    children: int = 0
    is_refused: bool = False
    mapper: Mapper | None = None
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

    def take(self, segment: Segment) -> Iterator[Item]:
        """Use one segment and yield what it completes or breaks."""
        tag = segment.elements[0]
        if not segment.is_terminated and tag not in _TRAILERS:
            tag = ""
        if tag in _OPENERS:
            yield from self._open(segment, _OPENERS[tag])
        elif tag in _TRAILERS:
            yield from self._close(segment, _TRAILERS[tag])
        elif len(self._frames) == len(_OPENERS):
            yield from self._content(segment)
        elif tag != "TA1":
            yield from self._stray(segment)
        self._end = segment.end

    def finish(self) -> Iterator[Item]:
        """Refuse what is still open at the end of the file."""
        if self._frames:
            yield from self._refuse(0, self._missing(0))

    def _open(self, segment: Segment, level: int) -> Iterator[Item]:
        if len(self._frames) > level:
            yield from self._refuse(level, self._missing(level))
        if len(self._frames) < level:
            yield from self._stray(segment)
            return
        if self._frames:
            self._frames[-1].children += 1
        self._unit += level == _OPENERS["ST"]
        frame = _Frame(
            header=segment,
            first_unit=self._unit + (level < _OPENERS["ST"]),
            is_refused=any(outer.is_refused for outer in self._frames),
        )
        self._frames.append(frame)
        if level == _OPENERS["ST"]:
            yield from self._begin_set(frame)

    def _begin_set(self, frame: _Frame) -> Iterator[Item]:
        frame.children = 1
        self._hash(frame, frame.header)
        if not frame.is_refused:
            group = self._frames[1].header
            try:
                frame.mapper = mapper_for(frame.header, group, self._key())
            except RecordRefused as refused:
                frame.mapper = None
                yield from self._refuse_open_set(refused)

    def _key(self) -> str:
        sender = self._frames[0].header.at(6).strip()
        return "|".join([sender, *(frame.control_number for frame in self._frames)])

    def _content(self, segment: Segment) -> Iterator[Item]:
        frame = self._frames[-1]
        frame.children += 1
        if frame.mapper is None:
            return
        self._hash(frame, segment)
        try:
            for draft in frame.mapper.take(segment):
                yield draft.finish(self._unit)
        except RecordRefused as refused:
            yield from self._refuse_open_set(refused)

    def _close(self, trailer: Segment, level: int) -> Iterator[Item]:
        if len(self._frames) > level + 1:
            yield from self._refuse(level + 1, self._missing(level + 1))
        if len(self._frames) <= level:
            yield from self._stray(trailer)
            return
        frame = self._frames[level]
        self._end = trailer.end
        frame.children += level == _OPENERS["ST"]
        if not _agrees(trailer, frame):
            yield from self._refuse(level, _disagreement(trailer, level))
            return
        if frame.mapper is not None:
            yield from self._end_set(frame, trailer)
        self._frames.pop()

    def _end_set(self, frame: _Frame, trailer: Segment) -> Iterator[Item]:
        assert frame.mapper is not None  # noqa: S101
        try:
            for draft in frame.mapper.finish():
                yield draft.finish(self._unit)
        except RecordRefused as refused:
            yield from self._refuse_open_set(refused)
            return
        yield TransactionSet(
            unit=self._unit,
            key=self._key(),
            resource_type=f"{_word(frame.header.at(1))} transaction",
            content_sha256=frame.digest.digest(),
            byte_offset=frame.header.offset,
            byte_length=trailer.end - frame.header.offset,
        )

    def _refuse_open_set(self, refused: RecordRefused) -> Iterator[Item]:
        """Refuse the transaction set that is open, and read on to its end."""
        frame = self._frames[-1]
        frame.mapper = None
        yield self._refusal(len(self._frames) - 1, refused)

    def _refuse(self, level: int, refused: RecordRefused) -> Iterator[Item]:
        if not self._frames[level].is_refused or level == 0:
            yield self._refusal(level, refused)
        del self._frames[level:]

    def _refusal(self, level: int, refused: RecordRefused) -> Refusal:
        frame = self._frames[level]
        resource_type = _TYPES[level]
        if level == _OPENERS["ST"]:
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
        return RecordRefused(
            RefusalClass.COUNT_MISMATCH,
            f"the {_NAMES[level]} has no {trailer} at its end; deliver it again",
        )

    def _stray(self, segment: Segment) -> Iterator[Item]:
        yield Refusal(
            resource_type="X12 segment",
            refusal_class=RefusalClass.ENVELOPE_INVALID,
            message=f"segment {segment.number} stands outside its envelope",
            byte_offset=segment.offset,
            byte_length=segment.length,
        )

    @staticmethod
    def _hash(frame: _Frame, segment: Segment) -> None:
        frame.digest.update("\x1f".join([*segment.elements, "\x1e"]).encode())


def _agrees(trailer: Segment, frame: _Frame) -> bool:
    count = trailer.at(1).strip()
    return (
        count.isascii()
        and count.isdecimal()
        and len(count) <= 10
        and int(count) == frame.children
        and trailer.at(2).strip() == frame.control_number
    )


def _disagreement(trailer: Segment, level: int) -> RecordRefused:
    return RecordRefused(
        RefusalClass.COUNT_MISMATCH,
        f"the count or control number in {trailer.tag} does not agree with the "
        f"{_NAMES[level]}; deliver it again",
    )


def _word(text: str) -> str:
    return text if text.isascii() and text.isalnum() and len(text) <= 6 else "unknown"
