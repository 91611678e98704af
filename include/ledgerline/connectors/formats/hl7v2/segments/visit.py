"""PV1: the visit."""

from __future__ import annotations

from ledgerline.connectors.formats.hl7v2.message import Visit
from ledgerline.connectors.formats.hl7v2.separators import Separators
from ledgerline.connectors.formats.hl7v2.values import (
    authority,
    code,
    fields_of,
    location,
    moment,
    practitioner,
)

_LAST = 45


def visit(line: str, marks: Separators) -> Visit:
    """Return the visit of a PV1 segment."""
    fields = fields_of(line, _LAST + 1, marks)
    mark = marks.component
    number, service, leaving = fields[19], fields[10], fields[36]
    admitted, discharged = fields[44], fields[45]
    return Visit(
        code(number, marks),
        _authority(number, marks) if mark in number else "",
        fields[2] if len(fields[2]) < 2 else code(fields[2], marks),
        location(fields[3], marks) if fields[3] else None,
        code(service, marks),
        practitioner(fields[7], marks) if fields[7] else None,
        moment(admitted, "PV1-44", mark) if admitted else "",
        moment(discharged, "PV1-45", mark) if discharged else "",
        code(leaving, marks),
    )


def _authority(number: str, marks: Separators) -> str:
    parts = number.split(marks.component, 4)
    return authority(parts[3], marks) if len(parts) > 3 else ""
