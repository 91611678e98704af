"""FT1: charges and credits."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter

from ledgerline.connectors.formats.hl7v2.message import Transaction
from ledgerline.connectors.formats.hl7v2.separators import (
    LONGEST_REMEMBERED,
    Separators,
)
from ledgerline.connectors.formats.hl7v2.values import (
    amount,
    cents_amount,
    code,
    day,
    first,
    number,
)

_LAST = 26
_CHARGE = itemgetter(6, 7, 10, 11, 12, 13, 25, 26)
_Charge = tuple[str, str, str, str, str, str, str, str, str, list[str]]
_REVENUE_SYSTEMS = {"NUBC", "UB", "UB92", "UB04", "REV"}
"""Coding systems of revenue codes."""
_PROCEDURE_SYSTEMS = {"C4", "C5", "CPT", "CPTM", "CPT4", "HCPCS", "HPC", "HCPT"}
"""Coding systems of procedure codes."""


def transaction(line: str, marks: Separators) -> Transaction:
    """Return the transaction of an FT1 segment."""
    fields = line.split(marks.field, _LAST + 1)
    fields += [""] * (_LAST + 1 - len(fields))
    mark, happened, posted = marks.component, fields[4], fields[5]
    is_long = len(line) > LONGEST_REMEMBERED
    charged = _charged.__wrapped__ if is_long else _charged
    return Transaction(
        code(fields[2], marks),
        day(happened, "FT1-4", mark) if happened else "",
        day(posted, "FT1-5", mark) if posted else "",
        *charged(_CHARGE(fields), marks),
    )


@lru_cache(maxsize=65_536)
def _charged(given: tuple[str, ...], marks: Separators) -> _Charge:
    """Return what is charged; a charge master holds each so much once."""
    kind, item, quantity, extended, unit, department, procedure, modifiers = given
    coded, system, revenue, told = _codes(item, marks)
    return (
        code(kind, marks),
        coded,
        system,
        number(quantity, "FT1-10"),
        cents_amount(extended, "FT1-11", marks),
        amount(unit, "FT1-12", marks),
        code(department, marks),
        revenue,
        code(procedure, marks) or told,
        _modifiers(modifiers, marks) if modifiers else [],
    )


def _modifiers(field: str, marks: Separators) -> list[str]:
    return [code(part, marks) for part in field.split(marks.repetition) if part]


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
