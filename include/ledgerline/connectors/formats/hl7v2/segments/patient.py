"""PID and MRG: who the patient is, and who is merged into whom."""

from __future__ import annotations

from ledgerline.connectors.formats.hl7v2 import values
from ledgerline.connectors.formats.hl7v2.message import Merge, Pair, Patient
from ledgerline.connectors.formats.hl7v2.separators import Separators

_LINKING = {"A24", "A37"}
"""Their second PID is the other patient of a link; they have no MRG."""


def patient(line: str, marks: Separators) -> Patient:
    """Return the patient of a PID segment."""
    fields = line.split(marks.field, 19)
    fields += [""] * (19 - len(fields))
    birth, account = fields[7], fields[18]
    return Patient(
        values.identifiers(fields[3] or fields[2], marks),
        values.code(account, marks),
        values.day(birth, "PID-7", marks.component) if birth else "",
        fields[8] if len(fields[8]) < 2 else values.code(fields[8], marks),
    )


def merge(line: str, marks: Separators) -> Merge:
    """Return what an MRG segment merges away."""
    fields = line.split(marks.field, 8)
    fields += [""] * (8 - len(fields))
    return Merge(
        values.identifiers(fields[1] or fields[4], marks),
        values.code(fields[3], marks),
        values.code(fields[5], marks),
    )


def merges(
    pids: list[str], mrgs: list[str], trigger: str, marks: Separators
) -> tuple[Merge | None, list[Pair]]:
    """Return the first merge of a message, and any others with their patients."""
    if mrgs:
        rest = zip(pids[1:], mrgs[1:], strict=False)
        further = [Pair(patient(pid, marks), merge(mrg, marks)) for pid, mrg in rest]
        return merge(mrgs[0], marks), further
    if trigger in _LINKING and len(pids) > 1:
        other = patient(pids[1], marks)
        return Merge(other.identifiers, other.account_number), []
    return None, []
