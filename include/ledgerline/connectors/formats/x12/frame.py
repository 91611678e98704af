"""The envelopes of X12: an interchange holds groups, a group holds transaction sets."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledgerline.connectors.formats.record import (
    RecordRefused,
    Refusal,
    RefusalClass,
)
from ledgerline.connectors.formats.x12.records.draft import not_text
from ledgerline.connectors.formats.x12.records.set_reader import OpenSet, SetReader
from ledgerline.connectors.formats.x12.segments.segment import (
    Block,
    Delimiters,
    Segment,
)

OPENERS = {"ISA": 0, "GS": 1, "ST": 2}
TRAILERS = {"IEA": 0, "GE": 1, "SE": 2}
SET = OPENERS["ST"]
_TYPE_LENGTH = 3
_CONTROL_AT = {"ISA": 13, "GS": 6, "ST": 2}
_NAMES = ("interchange", "functional group", "transaction set")
_ENDS = ("IEA", "GE", "SE")
_TYPES = ("X12 interchange", "X12 group", "X12 transaction")
_NAMING_SEGMENTS = 3


@dataclass(kw_only=True)
class Frame:
    """One open envelope: an interchange, a group or a transaction set.

    `reader` is there as long as the set can be taken. `name` stands for the control
    number where nobody gave one: around a transaction set that came bare.
    """

    header: Segment
    first_unit: int
    children: int = 0
    name: str = ""
    reader: SetReader | None = None
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def level(self) -> int:
        """0 for an interchange, 1 for a group, 2 for a transaction set."""
        return OPENERS[self.header.tag]

    @property
    def control_number(self) -> str:
        """The number by which header and trailer belong together."""
        return self.header.at(_CONTROL_AT[self.header.tag]).strip()

    @property
    def resource_type(self) -> str:
        """What refusals and conflicts call it."""
        if self.level < SET:
            return _TYPES[self.level]
        kind = self.header.at(1)
        is_type = kind.isascii() and kind.isdigit() and len(kind) == _TYPE_LENGTH
        return f"{kind if is_type else 'unknown'} transaction"

    def agrees(self, trailer: Segment) -> bool:
        """Tell whether count and control number of the trailer are right."""
        count = trailer.at(1).strip()
        return (
            count.isascii()
            and count.isdecimal()
            and len(count) <= 10
            and int(count) == self.children
            and trailer.at(2).strip() == self.control_number
        )

    def disagreement(self, trailer: Segment) -> RecordRefused:
        """Return why a trailer that is not right refuses it."""
        return RecordRefused(
            RefusalClass.COUNT_MISMATCH,
            f"the count or control number in {trailer.tag} (segment {trailer.number}) "
            f"does not agree with the {_NAMES[self.level]} (segment "
            f"{self.header.number}); deliver it again",
        )

    def missing(self) -> RecordRefused:
        """Return why it is refused without its trailer."""
        return RecordRefused(
            RefusalClass.COUNT_MISMATCH,
            f"the {_NAMES[self.level]} (segment {self.header.number}) has no "
            f"{_ENDS[self.level]} at its end; deliver it again",
        )

    def refusal(self, refused: RecordRefused, end: int, last_unit: int) -> Refusal:
        """Return the refusal of it and of what it held so far."""
        return Refusal(
            resource_type=self.resource_type,
            refusal_class=refused.refusal_class,
            message=refused.message,
            byte_offset=self.header.offset,
            byte_length=max(end, self.header.end) - self.header.offset,
            withdraws=(self.first_unit, last_unit),
        )


def bare_frames(block: Block, index: int) -> list[Frame]:
    """Return the envelopes around a transaction set that came without any.

    Its own first segments name it, since no sender does.
    """
    name = hashlib.sha256(block.canonical(index, index + _NAMING_SEGMENTS)).hexdigest()
    start = block.start(index)
    return [
        Frame(
            header=Segment(elements=[tag], number=0, offset=start, end=start),
            first_unit=1,
            name=named,
        )
        for tag, named in (("ISA", name[:32]), ("GS", ""))
    ]


def key_of(frames: Sequence[Frame]) -> str:
    """Return what may exist once: who sent what to whom, by the numbers of a day."""
    interchange, *inner = frames
    header = interchange.header
    parts = [header.at(6), header.at(8), header.at(9)]
    parts.append(interchange.name or interchange.control_number)
    for frame in inner:
        if frame.level == SET:
            parts.append(frame.header.at(1))
        parts.append(frame.control_number)
    return "|".join(part.strip() for part in parts)


def opened_set(frames: Sequence[Frame], unit: int, marks: Delimiters) -> OpenSet:
    """Return what the open envelopes say of the transaction set inside them.

    Raises RecordRefused when one of them is not text: nothing could be named by it.
    """
    for frame in frames:
        if not frame.header.is_text:
            raise not_text(frame.header.number)
    interchange, group, inner = (frame.header for frame in frames)
    return OpenSet(
        key=key_of(frames),
        unit=unit,
        kind=inner.at(1),
        implementation=inner.at(3) or group.at(8),
        sender_id=interchange.at(6).strip(),
        receiver_id=interchange.at(8).strip(),
        interchange_control_number=frames[0].control_number,
        group_control_number=frames[1].control_number,
        group_date=group.at(4),
        header=inner,
        marks=marks,
        is_bare=bool(frames[0].name),
    )
