"""FT1: charges and credits."""

from __future__ import annotations

from operator import itemgetter

from ledgerline.connectors.formats.hl7v2.message import Body, Transaction
from ledgerline.connectors.formats.hl7v2.separators import (
    Remembered,
    Separators,
)
from ledgerline.connectors.formats.hl7v2.values import (
    amount,
    cents_amount,
    code,
    day,
    fields_of,
    first,
    number,
)
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

_LAST = 26
_DELETED = '""'
_CHARGE = itemgetter(6, 7, 10, 11, 12, 13, 25, 26)
Charge = tuple[str, str, str, str, str, str, str, str, str, list[str]]
Charges = Remembered[Charge]
_KINDS = ("CG", "CD", "CR", "PY", "AJ", "CO")
"""Charge, credit (two ways), payment, adjustment, co-payment. Of any other code nobody
could tell whether it adds or takes off."""
_REVENUE_SYSTEMS = {"NUBC", "UB", "UB92", "UB04", "REV"}
"""Coding systems of revenue codes."""
_PROCEDURE_SYSTEMS = {"C4", "C5", "CPT", "CPTM", "CPT4", "HCPCS", "HPC", "HCPT"}
"""Coding systems of procedure codes."""


def take_transactions(
    body: Body, lines: list[str], marks: Separators, charges: Charges
) -> None:
    """Take the transactions of FT1 segments.

    Raises RecordRefused when the message says of nobody's account that they are:
    they would count nowhere.
    """
    visit = body.visit.visit_number if body.visit else ""
    account = body.patient.account_number if body.patient else ""
    if body.message_type == "DFT" and {visit, account} <= {"", _DELETED}:
        raise RecordRefused(
            RefusalClass.ID_MISSING,
            "the charges name neither a visit (PV1-19) nor an account (PID-18)",
        )
    body.transactions = _transactions(lines, marks, charges)


def _transactions(
    lines: list[str], marks: Separators, charges: Charges
) -> list[Transaction]:
    """Return the transactions of a message; they share their dates."""
    found = []
    mark, component = marks.field, marks.component
    happened = posted = on = posted_on = ""
    for line in lines:
        fields = fields_of(line, _LAST + 1, marks)
        if fields[4] != happened:
            happened = fields[4]
            on = day(happened, "FT1-4", component) if happened else ""
        if fields[5] != posted:
            posted = fields[5]
            posted_on = day(posted, "FT1-5", component) if posted else ""
        charge = charges[mark.join(_CHARGE(fields))]
        own_id = fields[2] if fields[2].isalnum() else code(fields[2], marks)
        found.append(Transaction(own_id, on, posted_on, *charge))
    return found


def charged(given: str, marks: Separators) -> Charge:
    """Return what is charged; a charge master holds each so much once."""
    kind, item, quantity, extended, unit, department, procedure, modifiers = (
        given.split(marks.field)
    )
    kind = code(kind, marks)
    if kind not in _KINDS:
        raise RecordRefused(
            RefusalClass.CODE_INVALID,
            f"FT1-6 is no type of transaction; send one of {', '.join(_KINDS)}",
        )
    coded, system, revenue, told = _codes(item, marks)
    return (
        kind,
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
