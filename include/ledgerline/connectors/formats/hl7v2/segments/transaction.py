"""FT1: charges and credits."""

from __future__ import annotations

from functools import lru_cache

from ledgerline.connectors.formats.hl7v2.message import Transaction
from ledgerline.connectors.formats.hl7v2.separators import Separators
from ledgerline.connectors.formats.hl7v2.values import (
    amount,
    cents_amount,
    code,
    day,
    first,
    number,
)

_LAST = 26
_REVENUE_SYSTEMS = {"NUBC", "UB", "UB92", "UB04", "REV"}
"""Coding systems of revenue codes."""
_PROCEDURE_SYSTEMS = {"C4", "C5", "CPT", "CPTM", "CPT4", "HCPCS", "HPC", "HCPT"}
"""Coding systems of procedure codes."""


def transaction(line: str, marks: Separators) -> Transaction:
    """Return the transaction of an FT1 segment."""
    fields = line.split(marks.field, _LAST + 1)
    fields += [""] * (_LAST + 1 - len(fields))
    given, system, revenue, procedure = _codes(fields[7], marks)
    modifiers, mark = fields[26], marks.component
    return Transaction(
        code(fields[2], marks),
        day(fields[4], "FT1-4", mark) if fields[4] else "",
        day(fields[5], "FT1-5", mark) if fields[5] else "",
        code(fields[6], marks),
        given,
        system,
        number(fields[10], "FT1-10"),
        cents_amount(fields[11], "FT1-11", marks) if fields[11] else "",
        amount(fields[12], "FT1-12", marks) if fields[12] else "",
        code(fields[13], marks),
        revenue,
        code(fields[25], marks) or procedure,
        _modifiers(modifiers, marks) if modifiers else [],
    )


@lru_cache(maxsize=4096)
def _modifiers(field: str, marks: Separators) -> list[str]:
    return [code(part, marks) for part in field.split(marks.repetition) if part]


@lru_cache(maxsize=65_536)
def _codes(field: str, marks: Separators) -> tuple[str, str, str, str]:
    """Return code, system, revenue code and procedure code of FT1-7.

    Either may stand in the primary or in the alternate code, told by its system.
    """
    parts = first(field, marks).split(marks.component, 6)
    parts += [""] * (6 - len(parts))
    pairs = ((parts[0], parts[2]), (parts[3], parts[5]))
    revenue = _in(pairs, _REVENUE_SYSTEMS)
    procedure = _in(pairs, _PROCEDURE_SYSTEMS)
    return parts[0], parts[2], revenue, procedure


def _in(pairs: tuple[tuple[str, str], ...], systems: set[str]) -> str:
    return next((text for text, system in pairs if system.upper() in systems), "")
