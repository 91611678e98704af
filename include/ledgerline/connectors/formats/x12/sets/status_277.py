"""Map claim acknowledgements (277CA), statuses (277) and inquiries (276) to records.

One `.claim` record a claim-level TRN, and of the answers one `.transaction`. They move
no money: a date, count or amount in them that is none is noted and left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.status import (
    Answer,
    ClaimStatus,
    Status,
    StatusLine,
    Totals,
)
from ledgerline.connectors.formats.x12.records import values
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import (
    OpenSet,
    SetReader,
)
from ledgerline.connectors.formats.x12.records.values import Unreadable

_Value = TypeVar("_Value")
_NO_PERIOD = "", ""
_SOURCE, _RECEIVER, _PROVIDER = "20", "21", "19"
_COUNTS = {
    "90": "accepted_count",
    "AA": "rejected_count",
    "QA": "accepted_count",
    "QC": "rejected_count",
}
_AMOUNTS = {"YU": "accepted_amount", "YY": "rejected_amount"}
_REFERENCES = {
    "1K": "payer_claim_control_number",
    "D9": "clearinghouse_number",
    "BLT": "facility_type_code",
}
_ACCOUNT = "EJ"
_PROVIDERS = ("85", "1P")
_STATUSES = (1, 10, 11)
_UNMAPPED = "unmapped"
_NO_TRACE = "0"
"""What a provider's TRN says where it traces nothing."""


class StatusReader(SetReader):
    """Reads a set in order; what is broken in a claim refuses that claim.

    `name` is 277CA, 277 or 276. A 277CA names a claim by its TRN, the others by REF*EJ.
    """

    def __init__(self, opened: OpenSet, name: str) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(
            opened,
            {
                "BHT": self._bht,
                "HL": self._hl,
                "NM1": self._nm1,
                "TRN": self._trn,
                "STC": self._stc,
                "REF": self._ref,
                "DTP": self._dtp,
                "QTY": self._qty,
                "AMT": self._amt,
                "SVC": self._svc,
            },
        )
        self._name = name
        self._is_answer = name != "276"
        self._answer = Answer(opened.sender_id, opened.receiver_id, [], [])
        self._whole = self.whole(f"{name}.transaction", self._answer)
        self._level = ""
        self._provider: Totals | None = None
        self._npi = self._reference = ""
        self._draft: Draft | None = None
        self._claim: ClaimStatus
        self._line: StatusLine | None = None
        self._count = 0

    def refuse_part(self, refused: RecordRefused) -> None:
        """Refuse the claim that is open, else the set."""
        if self._draft is None:
            raise refused
        self._draft.refuse(refused)

    def finish(self) -> None:
        """Complete the last claim and the answer."""
        self._end_claim()
        if self._is_answer:
            self._answer.claim_count = self._count
            self.end(self._whole)

    def _bht(self, text: str) -> None:
        e = self.marks.elements(text)
        if not self._is_answer:
            self._answer.submission_reference = e[3]

    def _hl(self, text: str) -> None:
        e = self.marks.elements(text)
        self._end_claim()
        self._level = e[3]
        if self._level in {_SOURCE, _RECEIVER, _PROVIDER}:
            self._npi, self._reference, self._provider = "", "", None
        if self._level == _PROVIDER:
            self._provider = Totals([])
            self._answer.providers.append(self._provider)

    def _nm1(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._level == _SOURCE:
            self._answer.payer_id = e[9]
        elif self._level == _PROVIDER and e[1] in _PROVIDERS and e[8] == "XX":
            self._npi = e[9]
            if self._provider is not None:
                self._provider.billing_npi = e[9]

    def _trn(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._level == _RECEIVER:
            self._answer.submission_reference = e[2]
        elif self._level == _PROVIDER:
            self._reference = "" if e[2] == _NO_TRACE else e[2]
        elif self._level != _SOURCE:
            self._begin_claim(e[2].rstrip())

    def _begin_claim(self, trace: str) -> None:
        self._end_claim()
        self._count += 1
        self._claim = claim = ClaimStatus(
            "",
            [],
            [] if self._is_answer else None,
            trace if self._name == "277CA" else "",
            self._npi,
            self._answer.payer_id,
            self._answer.submission_reference or self._reference,
            trace,
        )
        key = f"{self.opened.key}|{self._count}"
        self._draft = self.draft(f"{self._name}.claim", key, claim)

    def _end_claim(self) -> None:
        draft, self._draft, self._line = self._draft, None, None
        if draft is None:
            return
        claim = self._claim
        npi, account = claim.billing_npi, claim.account_number
        claim.claim_id = f"{npi}|{account}" if npi and account else ""
        claim.claim_id = claim.claim_id or f"{_UNMAPPED}|{account}"
        if self._name == "277CA" and not claim.statuses:
            self._find_status(draft)
        self.end(draft)

    def _find_status(self, draft: Draft) -> None:
        """Note a claim whose lines alone are answered; refuse one that none is."""
        if any(line.statuses for line in self._claim.lines):
            draft.note(RefusalClass.SEGMENT_INVALID, "STC", draft.offset, draft.number)
            return
        draft.refuse(
            RecordRefused(
                RefusalClass.SEGMENT_INVALID,
                f"the claim (TRN, segment {draft.number}) has no status (STC)",
            )
        )

    def _stc(self, text: str) -> None:
        e = self.marks.elements(text)
        date = e[2] and self._beside(values.day, e, 2, "")
        charge = e[4] and self._beside(values.money, e, 4, "")
        for at in _STATUSES:
            if e[at]:
                category, code, entity = [*e[at].split(self.marks.component), "", ""][
                    :3
                ]
                status = Status(category, code, entity, date, e[3], charge)
                self._told().append(status)
        if self._draft is not None and self._line is None and charge:
            self._claim.charge_amount = charge

    def _beside(
        self,
        check: Callable[[str], _Value],
        elements: list[str],
        position: int,
        absent: _Value,
    ) -> _Value:
        """Return a value beside what is told; note what is none, and leave it."""
        try:
            return self.read(check, elements, position)
        except Unreadable as bad:
            draft = self._draft or self._whole
            draft.note(bad.refusal_class, bad.element, *self.place())
            return absent

    def _told(self) -> list[Status]:
        """Return the statuses of what is open."""
        if self._line is not None:
            told = self._line.statuses
        elif self._draft is not None:
            told = self._claim.statuses
        else:
            told = self._totals().statuses
        return [] if told is None else told

    def _totals(self) -> Totals | Answer:
        return self._provider if self._provider is not None else self._answer

    def _ref(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._line is not None:
            if e[1] == "FJ":
                self._line.line_control_number = e[2]
        elif self._draft is not None:
            if e[1] == _ACCOUNT and self._name != "277CA":
                self._claim.account_number = e[2].rstrip()
            elif e[1] in _REFERENCES:
                setattr(self._claim, _REFERENCES[e[1]], e[2].rstrip())

    def _dtp(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._line is not None:
            if e[1] == "472":
                self._line.service_date = self._beside(values.period, e, 3, _NO_PERIOD)[
                    0
                ]
        elif self._draft is not None:
            if e[1] == "472":
                dates = self._beside(values.period, e, 3, _NO_PERIOD)
                self._claim.statement_from, self._claim.statement_through = dates
        elif e[1] == "050":
            self._answer.received_date = self._beside(values.day, e, 3, "")
        elif e[1] == "009":
            self._answer.processed_date = self._beside(values.day, e, 3, "")

    def _qty(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._draft is None and e[1] in _COUNTS:
            count = self._beside(values.whole, e, 2, None)
            setattr(self._totals(), _COUNTS[e[1]], count)

    def _amt(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._draft is None:
            if e[1] in _AMOUNTS:
                amount = self._beside(values.money, e, 2, "")
                setattr(self._totals(), _AMOUNTS[e[1]], amount)
        elif e[1] == "T3":
            self._claim.charge_amount = self._beside(values.money, e, 2, "")

    def _svc(self, text: str) -> None:
        e = self.marks.elements(text)
        draft = self._draft
        if draft is None:
            raise self.outside(text, "a claim")
        qualifier, code = [*e[1].split(self.marks.component), ""][:2]
        revenue = code if qualifier == "NU" else e[4]
        charge = e[2] and self._beside(values.money, e, 2, "")
        paid = e[3] and self._beside(values.money, e, 3, "")
        lines = self._claim.lines
        self._line = StatusLine(
            str(len(lines) + 1),
            [] if self._is_answer else None,
            procedure_code="" if qualifier == "NU" else code,
            revenue_code=revenue,
            charge_amount=charge,
            paid_amount=paid,
        )
        lines.append(self._line)
        draft.places.append((self._line, *self.place()))
