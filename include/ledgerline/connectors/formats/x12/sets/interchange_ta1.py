"""Map a TA1 segment to a `TA1.interchange` record: an interchange acknowledged."""

from __future__ import annotations

from ledgerline.connectors.formats.record import (
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
)
from ledgerline.connectors.formats.x12.records.draft import Body, Draft, not_text
from ledgerline.connectors.formats.x12.segments.segment import Segment

RESOURCE_TYPE = "TA1.interchange"


class AcknowledgedInterchange(Body):
    """A TA1."""

    sender_id: str
    receiver_id: str
    interchange_control_number: str
    accept_code: str
    interchange_date: str = ""
    interchange_time: str = ""
    note_code: str = ""


def acknowledged_interchange(
    segment: Segment, header: Segment, key: str, unit: int
) -> Record | Refusal:
    """Return the record of a TA1 in the interchange of a header (ISA)."""
    body = AcknowledgedInterchange(
        header.at(6).strip(),
        header.at(8).strip(),
        segment.at(1),
        segment.at(4),
        segment.at(2),
        segment.at(3),
        segment.at(5),
    )
    place = segment.offset, segment.number
    draft = Draft(RESOURCE_TYPE, f"{key}|{segment.number}", body, *place, [])
    if not header.is_text:
        draft.refuse(not_text(header.number))
    if not (body.interchange_control_number and body.accept_code):
        draft.refuse(
            RecordRefused(
                RefusalClass.SEGMENT_INVALID,
                f"TA1 (segment {segment.number}) names no interchange or no result",
            )
        )
    return draft.finish(segment.end, unit, bytearray())
