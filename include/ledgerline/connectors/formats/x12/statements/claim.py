"""What single segments of an 837 say: services, codes, dates, parties."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Literal, NamedTuple

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.connectors.formats.x12.bodies.claim import Code
from ledgerline.connectors.formats.x12.records.values import (
    Notes,
    Unreadable,
    amount,
    components,
    day,
    number,
    period,
)
from ledgerline.connectors.formats.x12.segments.segment import Delimiters
from ledgerline.connectors.formats.x12.statements import REMEMBERED
from ledgerline.connectors.formats.x12.statements.adjustment import adjusted

CodeKind = Literal["diagnosis", "procedure", "condition", "drg"]
_DIAGNOSES = ("ABK", "ABF", "ABJ", "ABN", "APR", "BK", "BF", "BJ", "BN", "PR")
_PROCEDURES = ("BBR", "BBQ", "BR", "BQ")
_KINDS: dict[str, CodeKind] = {
    **dict.fromkeys(_DIAGNOSES, "diagnosis"),
    **dict.fromkeys(_PROCEDURES, "procedure"),
    "BG": "condition",
    "DR": "drg",
}
_MODIFIERS = slice(2, 6)


class Service(NamedTuple):
    """A service line (SV1, SV2); `cents` is what it charges."""

    cents: int
    charge_amount: str
    unit: str
    quantity: str
    revenue_code: str
    procedure_code: str
    modifiers: list[str]
    notes: Notes


class Decided(NamedTuple):
    """What another payer decided of a line (SVD)."""

    payer_id: str
    paid_amount: str
    procedure_code: str
    modifiers: list[str]
    revenue_code: str
    quantity: str
    bundled_into_line: str
    notes: Notes


class Coded(NamedTuple):
    """An element of an HI: a code, and of which kind; one of no kind is not kept.

    `fault` tells that it has no separator, or a date that is none and is left out.
    """

    kind: CodeKind | None
    code: Code
    fault: RefusalClass | None


class Party(NamedTuple):
    """An NM1: who, by name and identifier, which may be an NPI."""

    entity: str
    name: str
    identifier: str
    npi: str


class ClaimStatements:
    """Reads segments, and remembers what they said; raises Unreadable."""

    def __init__(self, marks: Delimiters) -> None:
        """Read segments with these delimiters."""
        self._marks = marks
        remember = lru_cache(maxsize=REMEMBERED)
        self.service = remember(self._service)
        self.decided = remember(self._decided)
        self.adjusted = remember(partial(adjusted, marks))
        self.coded = remember(self._coded)
        self.service_day = remember(self._service_day)
        self.dated = remember(self._dated)
        self.party = remember(self._party)
        self.subscriber = remember(self._subscriber)

    def _service(self, text: str) -> Service:
        e, notes = self._marks.elements(text), Notes()
        first = 1 if e[0] == "SV1" else 2
        charge = first + 1
        try:
            cents = amount(e[charge])
            number(e[charge + 2])
        except Unreadable as bad:
            bad.locate(e, charge, charge + 2)
            raise
        code, modifiers = self._procedure(e, first, notes)
        return Service(
            cents=cents,
            charge_amount=e[charge],
            unit=e[charge + 1],
            quantity=e[charge + 2],
            revenue_code="" if first == 1 else e[1],
            procedure_code=code,
            modifiers=modifiers,
            notes=notes,
        )

    def _decided(self, text: str) -> Decided:
        e, notes = self._marks.elements(text), Notes()
        try:
            amount(e[2])
            number(e[5])
        except Unreadable as bad:
            bad.locate(e, 2, 5)
            raise
        code, modifiers = self._procedure(e, 3, notes)
        return Decided(
            payer_id=e[1],
            paid_amount=e[2],
            procedure_code=code,
            modifiers=modifiers,
            revenue_code=e[4],
            quantity=e[5],
            bundled_into_line=e[6],
            notes=notes,
        )

    def _procedure(
        self, elements: list[str], position: int, notes: Notes
    ) -> tuple[str, list[str]]:
        """Return the code and the modifiers of a composite procedure."""
        parts = components(elements, position, self._marks.component, notes)
        code = parts[1] if len(parts) > 1 else ""
        return code, [part for part in parts[_MODIFIERS] if part]

    def _coded(self, element: str) -> Coded:
        parts = [*element.split(self._marks.component), "", "", ""]
        qualifier, code, _, done = parts[:4]
        if self._marks.component not in element:
            fault = RefusalClass.CODE_INVALID if element else None
            return Coded(None, Code(qualifier, code), fault)
        kind = _KINDS.get(qualifier)
        try:
            date = day(done) if kind == "procedure" and done else ""
        except Unreadable as bad:
            return Coded(kind, Code(qualifier, code), bad.refusal_class)
        return Coded(kind, Code(qualifier, code, date), None)

    def _service_day(self, text: str) -> str:
        """Return the first day of service of a DTP; none of one with other dates."""
        qualifier, written = self._dated(text)
        try:
            return period(written)[0] if qualifier == "472" else ""
        except Unreadable as bad:
            bad.element = "DTP03"
            raise

    def _dated(self, text: str) -> tuple[str, str]:
        """Return the qualifier of a DTP, and its date as written."""
        e = self._marks.elements(text)
        return e[1], e[3]

    def _party(self, text: str) -> Party:
        e = self._marks.elements(text)
        return Party(e[1], e[3], e[9], e[9] if e[8] == "XX" else "")

    def _subscriber(self, text: str) -> tuple[str, str]:
        """Return the payer's sequence of an SBR, and its filing indicator."""
        e = self._marks.elements(text)
        return e[1], e[9]


@lru_cache(maxsize=8)
def statements(marks: Delimiters) -> ClaimStatements:
    """Return the reader of segments with these delimiters, and its memory."""
    return ClaimStatements(marks)
