"""Take from an open message what a record keeps of it."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from ledgerline.connectors.formats.hl7v2.header import (
    OpenMessage,
    message_type,
    namespace,
    open_message,
)
from ledgerline.connectors.formats.hl7v2.message import Body, encode, encode_resolved
from ledgerline.connectors.formats.hl7v2.segments.appointment import appointment
from ledgerline.connectors.formats.hl7v2.segments.order import orders
from ledgerline.connectors.formats.hl7v2.segments.patient import merges, patient
from ledgerline.connectors.formats.hl7v2.segments.transaction import transaction
from ledgerline.connectors.formats.hl7v2.segments.visit import visit
from ledgerline.connectors.formats.hl7v2.separators import Separators, unescaped
from ledgerline.connectors.formats.hl7v2.values import moment, sequence
from ledgerline.connectors.formats.record import Record, RecordRefused, RefusalClass

_NAME = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)
_READ = {"MSH", "EVN", "PID", "MRG", "PV1", "FT1"}
_BOOKING = {"SCH", "AIS", "AIG", "AIL", "AIP"}
_ORDERING = {"ORC", "OBR", "RQD", "RXO", "RXE", "RXD", "RXA"}
_REQUIRED = {
    "ADT": ("EVN", "PID"),
    "DFT": ("PID", "FT1"),
    "SIU": ("SCH",),
    "ORM": ("ORC",),
    "OMS": ("ORC",),
    "RDE": ("ORC",),
    "RDS": ("ORC",),
    "RAS": ("ORC",),
}
_WITH_VISIT = {
    *("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08"),
    *("A11", "A12", "A13", "A14", "A15", "A16", "A38"),
}
_WITH_MERGE = {"A18", "A34", "A35", "A36", "A39", "A40", "A41", "A42", "A47"}
_TIMED = {"ADT", "SIU"}
"""Types whose messages are events: without a time they have no place in order."""


def record_of(message: bytes, byte_offset: int, byte_length: int, unit: int) -> Record:
    """Return the record of one message; raises RecordRefused.

    Offset and length say where the message lies in its file.
    """
    opened = open_message(message)
    body = extracted(opened)
    marks, codec = opened.header.separators, opened.header.codec
    names = (body.sending_application, body.sending_facility, body.control_id)
    if '""' in opened.text or opened.text.find(marks.escape, 8) >= 0:
        text = encode_resolved(body, marks, codec)
        names = tuple(unescaped(name, marks, codec) for name in names)  # type: ignore[assignment]
    else:
        text = encode(body)
    digest = hashlib.sha256(opened.payload).digest()
    key = "|".join(names)
    return Record(
        resource_type=body.message_type,
        resource_id=key,
        content_sha256=digest,
        byte_offset=byte_offset,
        byte_length=byte_length,
        body=text,
        version_key=f"hl7v2/{key}",
        version_sha256=digest,
        unit=unit,
    )


def extracted(message: OpenMessage) -> Body:
    """Return what a message says; escape sequences are still as written."""
    header = message.header
    fields, marks = header.fields, header.separators
    mark = marks.component
    kind, trigger, structure = message_type(fields[8], mark)
    by_name = _by_name(message.lines, marks.field)
    event = by_name["EVN"][0].split(marks.field, 7) if "EVN" in by_name else []
    body = Body(
        kind,
        trigger or (event[1] if len(event) > 1 else ""),
        structure,
        fields[11] if mark not in fields[11] else fields[11].split(mark)[0],
        fields[9],
        namespace(fields[2], marks),
        namespace(fields[3], marks),
        moment(fields[6], "MSH-7", mark) if fields[6] else "",
        moment(event[2], "EVN-2", mark) if len(event) > 2 and event[2] else "",
        moment(event[6], "EVN-6", mark) if len(event) > 6 and event[6] else "",
        sequence(fields[12]) if len(fields) > 12 else None,
    )
    _take_segments(body, by_name, message.lines, marks)
    _refuse_incomplete(body, by_name)
    return body


def _take_segments(
    body: Body, by_name: dict[str, list[str]], lines: list[str], marks: Separators
) -> None:
    pids = by_name.get("PID")
    if pids:
        body.patient = patient(pids[0], marks)
        if "MRG" in by_name or len(pids) > 1:
            found = merges(pids, by_name.get("MRG", []), body.trigger, marks)
            body.merge, body.further_merges = found
    if "PV1" in by_name:
        body.visit = visit(by_name["PV1"][0], marks)
    if "FT1" in by_name:
        body.transactions = [transaction(line, marks) for line in by_name["FT1"]]
    unread = by_name.keys() - _READ
    if unread:
        if not unread.isdisjoint(_BOOKING):
            body.appointment = appointment(lines, marks)
            unread -= _BOOKING | {"TQ1"}
        if not unread.isdisjoint(_ORDERING):
            body.orders = orders(lines, marks)
            unread -= _ORDERING
        body.unread_segments = sorted(unread)


def _by_name(lines: list[str], field: str) -> dict[str, list[str]]:
    """Group the segments by name; refuse a line that is no segment."""
    found: dict[str, list[str]] = {}
    for line in lines:
        name = line[:3]
        if name in found:
            found[name].append(line)
        elif line:
            found[name] = [line]
        if line[3:4] != field and line[3:]:
            raise _no_segment()
    for name in found:
        if not _is_name(name):
            raise _no_segment()
    return found


@lru_cache(maxsize=1024)
def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _no_segment() -> RecordRefused:
    return RecordRefused(
        RefusalClass.SEGMENT_DELIM,
        "a line of the message does not begin with the name of a segment",
    )


def _refuse_incomplete(body: Body, by_name: dict[str, list[str]]) -> None:
    """Refuse a message without the segments that its type is about."""
    needed = _needed(body.message_type, body.trigger)
    for name in needed:
        if name not in by_name:
            raise RecordRefused(
                RefusalClass.SEGMENT_INVALID, f"the message has no {name} segment"
            )
    if body.message_type in _TIMED and not (body.event_at or body.message_at):
        raise RecordRefused(
            RefusalClass.DATE_INVALID, "neither EVN-2 nor MSH-7 says when it happened"
        )


@lru_cache(maxsize=1024)
def _needed(kind: str, trigger: str) -> tuple[str, ...]:
    needed = _REQUIRED.get(kind, ())
    if kind != "ADT":
        return needed
    if trigger == "A20":
        return ("EVN",)
    if trigger in _WITH_VISIT:
        return (*needed, "PV1")
    return (*needed, "MRG") if trigger in _WITH_MERGE else needed
