"""PID and MRG: who the patient is, and who is merged into whom."""

from __future__ import annotations

from ledgerline.connectors.formats.hl7v2 import values
from ledgerline.connectors.formats.hl7v2.message import Merge, Pair, Patient
from ledgerline.connectors.formats.hl7v2.segments.visit import visit
from ledgerline.connectors.formats.hl7v2.separators import Separators

_LINKING = {"A24", "A37"}
"""Their second PID is the other patient of a link; they have no MRG."""
_SWAPPING = {"A17"}
"""Its second PID and PV1 are the other patient, who takes the place of the first."""


def patient(line: str, marks: Separators) -> Patient:
    """Return the patient of a PID segment."""
    fields = values.fields_of(line, 19, marks)
    birth, account = fields[7], fields[18]
    return Patient(
        values.identifiers(fields[3] or fields[2], marks),
        values.code(account, marks),
        values.day(birth, "PID-7", marks.component) if birth else "",
        fields[8] if len(fields[8]) < 2 else values.code(fields[8], marks),
    )


def merge(line: str, marks: Separators) -> Merge:
    """Return what an MRG segment merges away."""
    fields = values.fields_of(line, 8, marks)
    return Merge(
        values.identifiers(fields[1] or fields[4], marks),
        values.code(fields[3], marks),
        values.code(fields[5], marks),
    )


def merges(lines: list[str], trigger: str, marks: Separators) -> list[Pair]:
    """Return the patients of a message, each with its merge and its visit."""
    groups = [
        Pair(
            patient(pid, marks),
            merge(mrg, marks) if mrg else None,
            visit(pv1, marks) if pv1 else None,
        )
        for pid, mrg, pv1 in _groups(lines, trigger in _LINKING | _SWAPPING)
    ]
    if trigger in _LINKING and len(groups) > 1:
        other = groups.pop().patient
        groups[0].merge = Merge(other.identifiers, other.account_number)
    return groups


def _groups(lines: list[str], is_paired: bool) -> list[list[str]]:
    """Return PID, MRG and PV1 of each group; it begins at MRG, or in pairs at PID."""
    pid = "PID"
    groups: list[list[str]] = []
    for line in lines:
        name = line[:3]
        if name == "PID":
            pid = line
        if name == ("PID" if is_paired else "MRG"):
            groups.append([pid, "" if is_paired else line, ""])
        elif name == "PV1" and groups and not groups[-1][2]:
            groups[-1][2] = line
    return groups
