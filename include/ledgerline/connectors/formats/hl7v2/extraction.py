"""Take from an open message what a record keeps of it."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import msgspec

from ledgerline.connectors.formats.hl7v2.header import (
    OpenMessage,
    message_type,
    namespace,
    open_message,
)
from ledgerline.connectors.formats.hl7v2.message import (
    Body,
    Pair,
    encode,
    encode_resolved,
)
from ledgerline.connectors.formats.hl7v2.segments.appointment import appointment
from ledgerline.connectors.formats.hl7v2.segments.order import orders
from ledgerline.connectors.formats.hl7v2.segments.patient import merges, patient
from ledgerline.connectors.formats.hl7v2.segments.transaction import transaction
from ledgerline.connectors.formats.hl7v2.segments.visit import visit
from ledgerline.connectors.formats.hl7v2.separators import Separators, unescaped
from ledgerline.connectors.formats.hl7v2.values import moment, sequence
from ledgerline.connectors.formats.record import Record, RecordRefused, RefusalClass

_NO_EVENT = ["EVN"]
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)
_READ = {"MSH", "EVN", "PID", "MRG", "PV1", "FT1"}
_BOOKING = {"SCH", "TQ1", "AIS", "AIG", "AIL", "AIP"}
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
_REPEATED_LINES = 100
"""Messages of more lines are hardly ever built alike."""
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
    if opened.has_escape or ('"' in opened.text and '""' in opened.text):
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
    fields, marks, lines = (
        message.header.fields,
        message.header.separators,
        message.lines,
    )
    origin = _origin(fields[8], fields[11], fields[2], fields[3], marks)
    starts = tuple([line[:4] for line in lines])
    planned = _plan if len(starts) <= _REPEATED_LINES else _plan.__wrapped__
    plan = planned(starts, marks.field, origin[0], origin[1])
    event = lines[plan.event].split(marks.field, 7) if plan.event else _NO_EVENT
    body = _headed(origin, fields, event, marks.component)
    if plan.patients:
        body.patient = patient(lines[plan.patients[0]], marks)
    if plan.visit:
        body.visit = visit(lines[plan.visit], marks)
    if plan.unread:
        body.unread_segments = plan.unread
    if plan.has_more:
        _take_more(body, plan, lines, marks)
    if plan.is_timed and not (body.event_at or body.message_at):
        raise RecordRefused(
            RefusalClass.DATE_INVALID, "neither EVN-2 nor MSH-7 says when it happened"
        )
    return body


def _headed(
    origin: tuple[str, str, str, str, str, str],
    fields: list[str],
    event: list[str],
    mark: str,
) -> Body:
    """Return what MSH and EVN say."""
    kind, trigger, structure, version, application, facility = origin
    happened = event[2] if len(event) > 2 else ""
    return Body(
        kind,
        trigger or (event[1] if len(event) > 1 else ""),
        structure,
        version,
        application,
        facility,
        fields[9],
        moment(fields[6], "MSH-7", mark) if fields[6] else "",
        moment(happened, "EVN-2", mark) if happened else "",
        moment(event[6], "EVN-6", mark) if len(event) > 6 and event[6] else "",
        sequence(fields[12]) if len(fields) > 12 and fields[12] else None,
    )


def _take_more(body: Body, plan: _Plan, lines: list[str], marks: Separators) -> None:
    """Take merges, transactions, an appointment and orders."""
    if plan.merges or len(plan.patients) > 1:
        _take_merges(body, merges(lines, body.trigger, marks))
    body.transactions = [transaction(lines[at], marks) for at in plan.transactions]
    if plan.is_booking:
        body.appointment = appointment(lines, marks)
    if plan.is_ordering:
        body.orders = orders(lines, marks)


def _take_merges(body: Body, groups: list[Pair]) -> None:
    if groups:
        body.merge, body.further_merges = groups[0].merge, groups[1:]
    if body.further_merges:
        body.visit = groups[0].visit


class _Plan(msgspec.Struct, frozen=True, gc=False):
    """Where the segments of a message lie; 0 where there is none."""

    unread: list[str]
    event: int
    visit: int
    patients: list[int]
    merges: list[int]
    transactions: list[int]
    is_booking: bool
    is_ordering: bool
    is_timed: bool
    has_more: bool


@lru_cache(maxsize=4096)
def _plan(starts: tuple[str, ...], field: str, kind: str, trigger: str) -> _Plan:
    """Return the plan of the messages of a type whose lines start like this.

    Raises RecordRefused when a line is no segment, and when one is missing.
    """
    at: dict[str, list[int]] = {}
    for position, start in enumerate(starts):
        if start[3:] not in {"", field} or (start and not _NAME.fullmatch(start[:3])):
            raise _no_segment()
        at.setdefault(start[:3], []).append(position)
    names = frozenset(at) - {""}
    _refuse_incomplete(kind, trigger, names)
    is_booking = not names.isdisjoint(_BOOKING)
    is_ordering = not names.isdisjoint(_ORDERING)
    read = _READ | (_BOOKING if is_booking else set())
    patients, merged = at.get("PID", []), at.get("MRG", [])
    transactions = at.get("FT1", [])
    more = merged or transactions or len(patients) > 1 or is_booking or is_ordering
    return _Plan(
        sorted(names - read - (_ORDERING if is_ordering else set())),
        at.get("EVN", [0])[0],
        at.get("PV1", [0])[0],
        patients,
        merged,
        transactions,
        is_booking,
        is_ordering,
        kind in _TIMED,
        bool(more),
    )


@lru_cache(maxsize=4096)
def _origin(
    kind: str, version: str, application: str, facility: str, marks: Separators
) -> tuple[str, str, str, str, str, str]:
    """Return code, trigger, structure, version, application and facility."""
    return (
        *message_type(kind, marks.component),
        version.split(marks.component)[0],
        namespace(application, marks),
        namespace(facility, marks),
    )


def _no_segment() -> RecordRefused:
    return RecordRefused(
        RefusalClass.SEGMENT_DELIM,
        "a line of the message does not begin with the name of a segment",
    )


def _refuse_incomplete(kind: str, trigger: str, names: frozenset[str]) -> None:
    """Refuse a message without the segments that its type is about."""
    missing = _needed(kind, trigger) - names
    if missing:
        raise RecordRefused(
            RefusalClass.SEGMENT_INVALID, f"the message has no {min(missing)} segment"
        )


def _needed(kind: str, trigger: str) -> frozenset[str]:
    needed = frozenset(_REQUIRED.get(kind, ()))
    if kind != "ADT":
        return needed
    if trigger == "A20":
        return needed - {"PID"}
    if trigger in _WITH_VISIT:
        return needed | {"PV1"}
    return needed | {"MRG"} if trigger in _WITH_MERGE else needed
