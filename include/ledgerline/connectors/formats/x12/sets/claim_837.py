"""Map an 837I or 837P transaction set to one `837.claim` record a CLM."""

from __future__ import annotations

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.claim import (
    Claim,
    ClaimLine,
    Code,
    OtherPayer,
    PriorAdjustment,
    numbers_of,
)
from ledgerline.connectors.formats.x12.records import values
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import (
    ABSENT,
    Elements,
    OpenSet,
    SetReader,
)
from ledgerline.connectors.formats.x12.records.values import Unreadable

RESOURCE_TYPE = "837.claim"
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


class ClaimReader(SetReader):
    """Reads a set in order; what is broken in a claim refuses that claim.

    `transaction` is 837I or 837P, empty where only the claims tell.
    """

    def __init__(self, opened: OpenSet, transaction: str) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(
            opened,
            {
                "BHT": self._bht,
                "HL": self._hl,
                "CLM": self._clm,
                "SBR": self._sbr,
                "NM1": self._nm1,
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
        self._transaction = transaction
        self._numbers = numbers_of(opened)
        self._submission = ("", "")
        self._submitted_at = (opened.header.offset, opened.header.number)
        self._npi = ""
        self._payer = ["", "", "", ""]
        self._draft: Draft | None = None
        self._claim: Claim
        self._line: ClaimLine | None = None
        self._other: OtherPayer | None = None
        self._count = 0

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

    def _bht(self, e: Elements) -> None:
        e += ABSENT
        self._submission = e[3], e[4]
        self._submitted_at = self.place()

    def _hl(self, e: Elements) -> None:
        self.finish()
        e += ABSENT
        if e[3] == "20":
            self._npi = ""
        if e[3] in {"20", "22"}:
            self._payer = ["", "", "", ""]

    def _clm(self, e: Elements) -> None:
        self.finish()
        e += ABSENT
        self._count += 1
        account = e[1]
        self._claim = claim = Claim(
            self._transaction,
            self._numbers,
            f"{self._npi}|{account}",
            account,
            e[2],
            [],
            [],
            [],
            [],
            [],
            self.opened.implementation,
            self._submission[0],
            "",
            self._npi,
            "",
            "",
            *self._payer,
        )
        key = f"{self.opened.key}|{account}|{self._count}"
        self._draft = draft = self.draft(RESOURCE_TYPE, key, claim)
        self._date(draft)
        place = [*self.split(draft, e[5], "CLM05"), "", ""]
        claim.facility_code_value, qualifier, claim.frequency_code = place[:3]
        claim.transaction = claim.transaction or _TYPES.get(qualifier, "")
        self.read(values.amount, e, 2)
        if not claim.transaction:
            raise RecordRefused(
                RefusalClass.CODE_INVALID,
                f"CLM05 (segment {self.number}) does not tell an institutional from a "
                "professional claim, and neither does the guide (ST03, GS08)",
            )

    def _date(self, draft: Draft) -> None:
        """Date the submission; one without a date is noted."""
        try:
            self._claim.submission_date = values.day(self._submission[1])
        except Unreadable as bad:
            draft.note(bad.refusal_class, "BHT04", *self._submitted_at)

    def _sbr(self, e: Elements) -> None:
        e += ABSENT
        if self._draft is None:
            self._payer = [e[1], e[9], "", ""]
            return
        self._other = OtherPayer([], e[1], e[9])
        self._claim.other_payers.append(self._other)

    def _nm1(self, e: Elements) -> None:
        e += ABSENT
        entity, npi = e[1], e[9] if e[8] == "XX" else ""
        if self._draft is None:
            if entity == "85":
                self._npi = npi
            elif entity == "PR":
                self._payer[2:] = e[9] or self._payer[2], e[3] or self._payer[3]
        elif self._line is not None:
            self._line.rendering_npi = (
                npi if entity == "82" else self._line.rendering_npi
            )
        elif self._other is None:
            if entity in _PROVIDERS:
                setattr(self._claim, _PROVIDERS[entity], npi)
        elif entity == "PR":
            self._other.payer_id, self._other.payer_name = e[9], e[3]

    def _dtp(self, e: Elements) -> None:
        if self._draft is None:
            return
        e += ABSENT
        qualifier, claim = e[1], self._claim
        if self._line is not None:
            if qualifier == "472":
                self._line.service_date = self.read(values.period, e, 3)[0]
        elif self._other is not None:
            if qualifier == "573":
                self._other.adjudication_date = self.read(values.day, e, 3)
        elif qualifier == "434":
            dates = self.read(values.period, e, 3)
            claim.statement_from, claim.statement_through = dates
        elif qualifier == "435":
            claim.admission_date = self.read(values.period, e, 3)[0]

    def _cl1(self, e: Elements) -> None:
        if self._draft is not None and len(e) > 3:
            self._claim.patient_status = e[3]

    def _ref(self, e: Elements) -> None:
        e += ABSENT
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
            self.read(values.amount, e, 2)
            self._other.paid_amount = e[2]

    def _cas(self, e: Elements) -> None:
        if self._other is None or self._line is not None:
            return
        size = len(e)
        e += ABSENT
        for at in range(2, size, _CAS_STEP):
            reason, amount, quantity = e[at : at + _CAS_STEP]
            if reason or amount:
                self.read(values.amount, e, at + 1)
                self.read(values.number, e, at + 2)
                adjustment = PriorAdjustment(e[1], reason, amount, quantity)
                self._other.adjustments.append(adjustment)

    def _hi(self, e: Elements) -> None:
        if self._draft is None or self._line is not None:
            return
        claim, draft = self._claim, self._draft
        for position in range(1, len(e)):
            parts = self.split(draft, e[position], f"HI{position:02}")
            qualifier, code, _, date = [*parts, "", "", ""][:4]
            if qualifier == "DR":
                claim.drg = code
            elif qualifier == _CONDITION:
                claim.condition_codes.append(code)
            elif qualifier in _DIAGNOSES:
                claim.diagnoses.append(Code(qualifier, code))
            elif qualifier in _PROCEDURES:
                try:
                    done = date and values.day(date)
                except Unreadable as bad:
                    raise self.misplaced(bad, e, position) from bad
                claim.procedures.append(Code(qualifier, code, done))

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
        self.read(values.amount, e, first + 1)
        parts = self.split(draft, e[first], f"{e[0]}{first:02}")
        line.revenue_code = revenue_code
        line.procedure_code = parts[1] if len(parts) > 1 else ""
        line.modifiers = [part for part in parts[_MODIFIERS] if part]
        line.charge_amount, line.unit = e[first + 1], e[first + 2]
        line.quantity = self.read(values.number, e, first + 3)
        self._claim.lines.append(line)
        draft.places.append((line, *self.place()))
