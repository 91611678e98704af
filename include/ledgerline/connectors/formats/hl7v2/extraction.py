"""Take from an open message what a record keeps of it."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache, partial
from operator import itemgetter

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
    Patient,
    Visit,
    encode,
    encode_resolved,
)
from ledgerline.connectors.formats.hl7v2.segments.appointment import appointment
from ledgerline.connectors.formats.hl7v2.segments.order import orders
from ledgerline.connectors.formats.hl7v2.segments.patient import merges, patient
from ledgerline.connectors.formats.hl7v2.segments.transaction import (
    Charges,
    charged,
    take_transactions,
)
from ledgerline.connectors.formats.hl7v2.segments.visit import visit
from ledgerline.connectors.formats.hl7v2.separators import (
    Remembered,
    Separators,
    unescaped,
)
from ledgerline.connectors.formats.hl7v2.values import fields_of, moment, sequence
from ledgerline.connectors.formats.record import Record, RecordRefused, RefusalClass

_NO_EVENT = [""] * 7
_START = "%.4s\r"
"""Name of a segment and the separator after it."""
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
_REPEATED = ("PID", "MRG", "FT1")
_ORIGIN = itemgetter(8, 11, 2, 3)
"""MSH-9, 12, 3 and 4."""
_TIMED = {"ADT", "SIU"}
"""Types whose messages are events: without a time they have no place in order."""


def record_of(message: bytes, byte_offset: int, byte_length: int, unit: int) -> Record:
    """Return the record of one message; raises RecordRefused.

    Offset and length say where the message lies in its file.
    """
    opened = open_message(message)
    body = extracted(opened)
    marks, codec = opened.separators, opened.codec
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
    fields, lines, marks = message.fields, message.lines, message.separators
    known = _known(marks)
    origin = known.origins[marks.field.join(_ORIGIN(fields))]
    plan = origin.plans[_START * len(lines) % tuple(lines)]
    event = fields_of(lines[plan.event], 7, marks) if plan.event else _NO_EVENT
    body = _headed(origin, fields, event, marks.component)
    if plan.patients:
        body.patient = known.patients[lines[plan.patients[0]]]
    if plan.visit:
        body.visit = known.visits[lines[plan.visit]]
    if plan.unread:
        body.unread_segments = plan.unread
    if plan.has_more:
        _take_more(body, plan, lines, marks, known.charges)
    if plan.is_timed and not (body.event_at or body.message_at):
        raise RecordRefused(
            RefusalClass.DATE_INVALID, "neither EVN-2 nor MSH-7 says when it happened"
        )
    return body


def _headed(origin: _Origin, fields: list[str], event: list[str], mark: str) -> Body:
    """Return what MSH and EVN say; most events are told as they happen."""
    sent, happened, occurred = fields[6], event[2], event[6]
    message_at = moment(sent, "MSH-7", mark) if sent else ""
    event_at = message_at
    if happened != sent:
        event_at = moment(happened, "EVN-2", mark) if happened else ""
    occurred_at = event_at
    if occurred != happened:
        occurred_at = moment(occurred, "EVN-6", mark) if occurred else ""
    return Body(
        origin.kind,
        origin.trigger or event[1],
        origin.structure,
        origin.version,
        origin.application,
        origin.facility,
        fields[9],
        message_at,
        event_at,
        occurred_at,
        sequence(fields[12]) if len(fields) > 12 and fields[12] else None,
    )


def _take_more(
    body: Body, plan: _Plan, lines: list[str], marks: Separators, charges: Charges
) -> None:
    """Take transactions, merges, an appointment and orders."""
    if plan.transactions:
        charged_lines = [lines[at] for at in plan.transactions]
        take_transactions(body, charged_lines, marks, charges)
    if plan.is_merging:
        _take_merges(body, merges(lines, body.trigger, marks))
    if plan.booking:
        body.appointment = appointment([lines[at] for at in plan.booking], marks)
    if plan.ordering:
        body.orders = orders([lines[at] for at in plan.ordering], marks)


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
    transactions: list[int]
    booking: list[int]
    ordering: list[int]
    is_merging: bool
    is_timed: bool
    has_more: bool


class _Origin(msgspec.Struct, frozen=True):
    """What messages of a type and a sender share; plans by how their lines begin."""

    kind: str
    trigger: str
    structure: str
    version: str
    application: str
    facility: str
    plans: Remembered[_Plan]


class _Known(msgspec.Struct, frozen=True):
    """What was read so far where the same separators hold."""

    origins: Remembered[_Origin]
    patients: Remembered[Patient]
    visits: Remembered[Visit]
    charges: Charges


@lru_cache(maxsize=4)
def _known(marks: Separators) -> _Known:
    return _Known(
        Remembered(_origin, marks, 256),
        Remembered(patient, marks, 8_192),
        Remembered(visit, marks, 8_192),
        Remembered(charged, marks, 16_384),
    )


def _origin(text: str, marks: Separators) -> _Origin:
    """Return what MSH-9, 12, 3 and 4 say."""
    kind, version, application, facility = text.split(marks.field)
    code, trigger, structure = message_type(kind, marks.component)
    if not _NAME.fullmatch(code):
        raise RecordRefused(
            RefusalClass.SEGMENT_INVALID,
            "MSH-9 names no message type; its first component is three capitals, "
            "for example ADT",
        )
    return _Origin(
        code,
        trigger,
        structure,
        version.split(marks.component)[0],
        namespace(application, marks),
        namespace(facility, marks),
        Remembered(partial(_plan, code, trigger), marks, 64),
    )


def _plan(kind: str, trigger: str, starts: str, marks: Separators) -> _Plan:
    """Return the plan of the messages of a type whose lines start like this.

    Raises RecordRefused when a line is no segment, and when one is missing.
    """
    at: dict[str, list[int]] = {}
    for position, start in enumerate(starts[:-1].split("\r")):
        if start[3:] not in {"", marks.field} or not _NAME.fullmatch(
            start[:3] or "MSH"
        ):
            raise _no_segment()
        at.setdefault(start[:3], []).append(position)
    names = frozenset(at) - {""}
    _refuse_incomplete(kind, trigger, names)
    booking, ordering = _places(at, _BOOKING), _places(at, _ORDERING)
    patients, merged, transactions = (at.get(name, []) for name in _REPEATED)
    is_merging = bool(merged) or len(patients) > 1
    read = _READ.union(_BOOKING if booking else (), _ORDERING if ordering else ())
    return _Plan(
        sorted(names - read),
        at.get("EVN", [0])[0],
        at.get("PV1", [0])[0],
        patients,
        transactions,
        booking,
        ordering,
        is_merging,
        kind in _TIMED,
        bool(is_merging or transactions or booking or ordering),
    )


def _places(at: dict[str, list[int]], names: set[str]) -> list[int]:
    """Return where the segments of these names lie, in order."""
    return sorted(place for name in names for place in at.get(name, ()))


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
