"""SCH, TQ1 and the resources: an appointment."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from ledgerline.connectors.formats.hl7v2.message import Appointment, Resource
from ledgerline.connectors.formats.hl7v2.separators import Separators
from ledgerline.connectors.formats.hl7v2.values import (
    code,
    fields_of,
    first,
    moment,
    number,
)

_RESOURCES = {
    "AIS": ("service", 0, 4),
    "AIG": ("equipment", 4, 8),
    "AIL": ("location", 4, 6),
    "AIP": ("person", 4, 6),
}
"""Kind, field of the type (0 for none) and field of the start."""
_DELETED = "D"
"""Segment action code (table 0206) of what is booked no longer."""
_NO_TIMING = [""] * 9
_MINUTES = {
    "S": Decimal(1) / 60,
    "SEC": Decimal(1) / 60,
    "H": Decimal(60),
    "HR": Decimal(60),
    "D": Decimal(1440),
}


def appointment(lines: list[str], marks: Separators) -> Appointment | None:
    """Return the appointment of a message; None when it has no SCH."""
    booked: list[str] = []
    timing: list[str] = []
    resources = []
    for line in lines:
        name = line[:3]
        if name in _RESOURCES:
            resources.append(_resource(name, line, marks))
        elif name == "SCH" and not booked:
            booked = fields_of(line, 26, marks)
        elif name == "TQ1" and not timing:
            timing = fields_of(line, 9, marks)
    if not booked:
        return None
    starts_at, ends_at = _timing(booked, timing or _NO_TIMING, marks)
    if not starts_at:
        told = (r.starts_at for r in resources if r.starts_at and not r.is_deleted)
        starts_at = min(told, default="")
    return Appointment(
        code(booked[1], marks),
        code(booked[2], marks),
        code(booked[25], marks),
        starts_at,
        ends_at,
        code(booked[7], marks),
        _minutes(booked[9], code(booked[10], marks)[:4]),
        resources,
    )


def _timing(booked: list[str], timing: list[str], marks: Separators) -> tuple[str, str]:
    """Return start and end from TQ1-7 and 8, else from the older SCH-11."""
    mark = marks.component
    parts = first(booked[11], marks).split(mark, 5)
    parts += [""] * (5 - len(parts))
    start, end = timing[7] or parts[3], timing[8] or parts[4]
    where = ("TQ1-7", "TQ1-8") if timing[7] else ("SCH-11", "SCH-11")
    return (
        moment(start, where[0], mark) if start else "",
        moment(end, where[1], mark) if end else "",
    )


@lru_cache(maxsize=1024)
def _minutes(text: str, unit: str) -> str:
    """Return a duration in minutes; minutes are what a missing unit means."""
    if not text or not number(text, "SCH-9").strip('"'):
        return text
    factor = _MINUTES.get(unit.upper(), Decimal(1))
    return f"{(Decimal(text) * factor).quantize(Decimal('0.01')):f}".removesuffix(".00")


def _resource(name: str, line: str, marks: Separators) -> Resource:
    kind, type_at, start_at = _RESOURCES[name]
    fields = fields_of(line, 9, marks)
    start = fields[start_at]
    return Resource(
        kind,
        code(fields[3], marks),
        _room(fields[3], marks) if kind == "location" else "",
        code(fields[type_at], marks) if type_at else "",
        moment(start, f"{name}-{start_at}", marks.component) if start else "",
        code(fields[2], marks) == _DELETED,
    )


def _room(place: str, marks: Separators) -> str:
    """Return the room of a location (PL)."""
    parts = first(place, marks).split(marks.component, 2)
    return code(parts[1], marks) if len(parts) > 1 else ""
