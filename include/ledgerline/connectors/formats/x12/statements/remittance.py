"""What single segments of an 835 say: services, adjustments, dates."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.connectors.formats.x12.records.values import (
    Notes,
    Unreadable,
    amount,
    components,
    day,
    number,
)
from ledgerline.connectors.formats.x12.segments.segment import Delimiters
from ledgerline.connectors.formats.x12.statements import REMEMBERED
from ledgerline.connectors.formats.x12.statements.adjustment import adjusted

_SERVICE_DATES = ("472", "150")


class Service(NamedTuple):
    """A service line (SVC); `open_cents` is what its adjustments must explain."""

    charge_amount: str
    paid_amount: str
    procedure_code: str
    revenue_code: str
    units: str
    open_cents: int
    notes: Notes


class RemittanceStatements:
    """Reads segments, and remembers what they said; raises Unreadable."""

    def __init__(self, marks: Delimiters) -> None:
        """Read segments with these delimiters."""
        self._marks = marks
        remember = lru_cache(maxsize=REMEMBERED)
        self.service = remember(self._service)
        self.service_date = remember(self._service_date)
        self.adjusted = remember(partial(adjusted, marks))

    def _service(self, text: str) -> Service:
        e, notes = self._marks.elements(text), Notes()
        for position in (2, 3):
            if not e[position]:
                e[position] = "0"
                notes.append((RefusalClass.AMOUNT_INVALID, f"SVC{position:02}"))
        try:
            open_cents = amount(e[2]) - amount(e[3])
        except Unreadable as bad:
            bad.locate(e, 2, 3)
            raise
        try:
            number(e[5])
        except Unreadable as bad:
            notes.append((bad.refusal_class, "SVC05"))
            e[5] = ""
        parts = components(e, 1, self._marks.component, notes)
        code, revenue = parts[1] if len(parts) > 1 else "", e[4]
        if parts[0] == "NU":
            code, revenue = "", code
        return Service(e[2], e[3], code, revenue, e[5], open_cents, notes)

    def _service_date(self, text: str) -> str:
        """Return the day of service of a DTM; none of one with another date."""
        e = self._marks.elements(text)
        if e[1] not in _SERVICE_DATES:
            return ""
        try:
            return day(e[2])
        except Unreadable as bad:
            bad.locate(e, 2)
            raise


@lru_cache(maxsize=8)
def statements(marks: Delimiters) -> RemittanceStatements:
    """Return the reader of segments with these delimiters, and its memory."""
    return RemittanceStatements(marks)
