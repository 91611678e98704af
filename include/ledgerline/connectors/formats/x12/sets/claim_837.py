"""Map an 837I or 837P transaction set to one `837.claim` record a CLM."""

from __future__ import annotations

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.claim import (
    Claim,
    ClaimLine,
    Code,
    OtherPayer,
    PriorAdjustment,
)
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import (
    ABSENT,
    Elements,
    OpenSet,
)
from ledgerline.connectors.formats.x12.records.values import (
    Unreadable,
    amount,
    day,
    number,
    period,
)
from ledgerline.connectors.formats.x12.sets.submission_837 import SubmissionReader

_DIAGNOSES = frozenset(
    {"ABK", "ABF", "ABJ", "ABN", "APR", "BK", "BF", "BJ", "BN", "PR"}
)
_PROCEDURES = frozenset({"BBR", "BBQ", "BR", "BQ"})
_CONDITION = "BG"
_PROVIDERS = {"71": "attending_npi", "82": "rendering_npi"}
_REFERENCES = {"F8": "original_reference", "EA": "medical_record_number"}
_TYPES = {"A": "837I", "B": "837P"}
"""By the qualifier of CLM05, where no guide is named: type of bill, or place."""
_MODIFIERS = slice(2, 6)
_CAS_STEP = 3
_UNFINISHED = ("", "", "")
"""Makes short segments as long as those that are whole."""


class ClaimReader(SubmissionReader):
    """Reads a set in order; what is broken in a claim refuses that claim."""

    def __init__(self, opened: OpenSet, transaction: str) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(
            opened,
            transaction,
            {
                "CLM": self._clm,
                "DTP": self._dtp,
                "CL1": self._cl1,
                "REF": self._ref,
                "AMT": self._amt,
                "CAS": self._cas,
                "HI": self._hi,
                "LX": self._lx,
                "SV1": self._sv1,
                "SV2": self._sv2,
            },
        )
        self._draft: Draft | None = None
        self._claim: Claim
        self._line: ClaimLine | None = None
        self._other: OtherPayer | None = None
        self._line_place = 0

    def refuse_part(self, refused: RecordRefused) -> None:
        """Refuse the claim that is open, else the set."""
        if self._draft is None:
            raise refused
        self._draft.refuse(refused)

    def finish(self) -> None:
        """Complete the claim that is open, if any."""
        draft, self._draft = self._draft, None
        if draft is None:
            return
        self._end_line(draft)
        if not self._claim.lines:
            draft.refuse(
                RecordRefused(
                    RefusalClass.SEGMENT_INVALID,
                    f"the claim (CLM, segment {draft.number}) has no service line",
                )
            )
        self._other = None
        self.end(draft)

    def _hl(self, e: Elements) -> None:
        self.finish()
        super()._hl(e)

    def _clm(self, e: Elements) -> None:
        self.finish()
        e += ABSENT
        claim, draft = self.begin_claim(e[1], e[2])
        self._claim, self._draft = claim, draft
        place = [*self.split(draft, e, 5), "", ""]
        claim.facility_code_value, qualifier, claim.frequency_code = place[:3]
        claim.transaction = claim.transaction or _TYPES.get(qualifier, "")
        self.read(amount, e, 2)
        if not claim.transaction:
            raise RecordRefused(
                RefusalClass.CODE_INVALID,
                f"CLM05 (segment {self.number}) does not tell an institutional from a "
                "professional claim, and neither does the guide (ST03, GS08)",
            )

    def _sbr(self, e: Elements) -> None:
        if self._draft is None:
            super()._sbr(e)
            return
        e += ABSENT
        self._other = OtherPayer([], e[1], e[9])
        self._claim.other_payers.append(self._other)

    def _nm1(self, e: Elements) -> None:
        if self._draft is None:
            super()._nm1(e)
            return
        e += ABSENT
        entity, npi = e[1], e[9] if e[8] == "XX" else ""
        if self._line is not None:
            if entity == "82":
                self._line.rendering_npi = npi
        elif self._other is not None:
            if entity == "PR":
                self._other.payer_id, self._other.payer_name = e[9], e[3]
        elif entity in _PROVIDERS:
            setattr(self._claim, _PROVIDERS[entity], npi)

    def _dtp(self, e: Elements) -> None:
        if self._draft is None:
            return
        e += _UNFINISHED
        qualifier, claim = e[1], self._claim
        if self._line is not None:
            if qualifier == "472":
                self._line.service_date = self.read(period, e, 3)[0]
        elif self._other is not None:
            if qualifier == "573":
                self._other.adjudication_date = self.read(day, e, 3)
        elif qualifier == "434":
            dates = self.read(period, e, 3)
            claim.statement_from, claim.statement_through = dates
        elif qualifier == "435":
            claim.admission_date = self.read(period, e, 3)[0]

    def _cl1(self, e: Elements) -> None:
        if self._draft is not None and len(e) > 3:
            self._claim.patient_status = e[3]

    def _ref(self, e: Elements) -> None:
        e += _UNFINISHED
        if self._line is not None:
            if e[1] == "6R" and e[2]:
                self._line.line_control_number = e[2]
        elif self._draft is not None and self._other is None:
            name = _REFERENCES.get(e[1])
            if name and e[2]:
                setattr(self._claim, name, e[2])

    def _amt(self, e: Elements) -> None:
        e += ABSENT
        if self._other is not None and self._line is None and e[1] == "D":
            self.read(amount, e, 2)
            self._other.paid_amount = e[2]

    def _cas(self, e: Elements) -> None:
        if self._other is None or self._line is not None:
            return
        size = len(e)
        e += ABSENT
        for at in range(2, size, _CAS_STEP):
            reason, adjusted, quantity = e[at : at + _CAS_STEP]
            if reason or adjusted:
                self.read(amount, e, at + 1)
                self.read(number, e, at + 2)
                adjustment = PriorAdjustment(e[1], reason, adjusted, quantity)
                self._other.adjustments.append(adjustment)

    def _hi(self, e: Elements) -> None:
        if self._draft is None or self._line is not None:
            return
        claim, draft = self._claim, self._draft
        for position in range(1, len(e)):
            parts = self.split(draft, e, position)
            qualifier, code = parts[0], parts[1] if len(parts) > 1 else ""
            if qualifier in _DIAGNOSES:
                claim.diagnoses.append(Code(qualifier, code))
            elif qualifier == "DR":
                claim.drg = code
            elif qualifier == _CONDITION:
                claim.condition_codes.append(code)
            elif qualifier in _PROCEDURES:
                done = self._done(e, position, parts)
                claim.procedures.append(Code(qualifier, code, done))

    def _done(self, e: Elements, position: int, parts: list[str]) -> str:
        """Return when a procedure was done, if it says so."""
        try:
            return day(parts[3]) if len(parts) > 3 and parts[3] else ""
        except Unreadable as bad:
            raise self.misplaced(bad, e, position) from bad

    def _lx(self, e: Elements) -> None:
        if self._draft is not None:
            self._end_line(self._draft)
            self._line = ClaimLine(e[1] if len(e) > 1 else "", [])
            self._line_place = self.number

    def _end_line(self, draft: Draft) -> None:
        if self._line is not None and not self._line.charge_amount:
            draft.refuse(
                RecordRefused(
                    RefusalClass.SEGMENT_INVALID,
                    f"LX (segment {self._line_place}) has no SV1 or SV2",
                )
            )
        self._line = None

    def _sv1(self, e: Elements) -> None:
        self._service(e, "", 1)

    def _sv2(self, e: Elements) -> None:
        self._service(e, e[1] if len(e) > 1 else "", 2)

    def _service(self, e: Elements, revenue_code: str, first: int) -> None:
        draft, line = self._draft, self._line
        if draft is None or line is None:
            raise self.outside(e, "a claim line")
        e += ABSENT
        charge = first + 1
        try:
            amount(e[charge])
            line.quantity = number(e[charge + 2])
        except Unreadable as bad:
            raise self.misplaced(bad, e, charge, charge + 2) from bad
        parts = self.split(draft, e, first)
        if len(parts) > 1:
            line.procedure_code = parts[1]
            line.modifiers = [part for part in parts[_MODIFIERS] if part]
        line.revenue_code = revenue_code
        line.charge_amount, line.unit = e[charge], e[charge + 1]
        self._claim.lines.append(line)
        draft.places.append((line, *self.place()))
