"""Map an 837I or 837P transaction set to one `837.claim` record a CLM.

A claim whose service lines do not add up to its total is what was sent: it lands, and
its total is noted.
"""

from __future__ import annotations

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.adjustment import Adjustment
from ledgerline.connectors.formats.x12.bodies.claim import (
    Claim,
    ClaimLine,
    LineDecision,
    OtherPayer,
)
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import OpenSet
from ledgerline.connectors.formats.x12.records.values import (
    Notes,
    Unreadable,
    amount,
    components,
    day,
    period,
)
from ledgerline.connectors.formats.x12.sets.submission_837 import (
    ENTITY,
    SubmissionReader,
)

_PROVIDERS = {"71": "attending_npi", "82": "rendering_npi"}
_ENTITIES = {*_PROVIDERS, "PR"}
_REFERENCES = {"F8": "original_reference", "EA": "medical_record_number"}
_TYPES = {"A": "837I", "B": "837P"}
"""By the qualifier of CLM05, where no guide is named: type of bill, or place."""
_LINE_AMOUNTS = {"EAF": "remaining_liability_amount"}
_PAYER_AMOUNTS = {**_LINE_AMOUNTS, "D": "paid_amount", "A8": "non_covered_amount"}
_REF_LENGTH = 3
_CLM_ABSENT = ("",) * 5


class ClaimReader(SubmissionReader):
    """Reads a set in order; what is broken in a claim refuses that claim."""

    def __init__(self, opened: OpenSet, transaction: str) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(
            opened,
            transaction,
            {
                "HL": self._hl,
                "SBR": self._sbr,
                "NM1": self._nm1,
                "CLM": self._clm,
                "DTP": self._dtp,
                "CL1": self._cl1,
                "REF": self._ref,
                "AMT": self._amt,
                "CAS": self._cas,
                "HI": self._hi,
                "LX": self._lx,
                "SVD": self._svd,
                "SV1": self._sv,
                "SV2": self._sv,
            },
        )
        self._draft: Draft | None = None
        self._claim: Claim
        self._line: ClaimLine | None = None
        self._other: OtherPayer | None = None
        self._decision: LineDecision | None = None
        self._line_place = self._unlined = 0

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
        line, self._line = self._line, None
        if line is not None and not line.charge_amount:
            self._refuse_line(draft)
        if not self._claim.lines:
            draft.refuse(
                RecordRefused(
                    RefusalClass.SEGMENT_INVALID,
                    f"the claim (CLM, segment {draft.number}) has no service line",
                )
            )
        elif self._unlined:
            draft.note(RefusalClass.UNBALANCED, "CLM02", draft.offset, draft.number)
        self._other = self._decision = None
        self.end(draft)

    def _hl(self, text: str) -> None:
        self.finish()
        self.take_level(text)

    def _clm(self, text: str) -> None:
        self.finish()
        e = text.split(self.marks.element)
        e += _CLM_ABSENT
        account = e[1].rstrip()
        claim, draft = self.begin_claim(account, e[2])
        self._claim, self._draft = claim, draft
        notes = Notes()
        place = [*components(e, 5, self.marks.component, notes), "", ""]
        if notes:
            draft.note_all(notes, *self.place())
        claim.facility_code_value, qualifier, claim.frequency_code = place[:3]
        claim.transaction = claim.transaction or _TYPES.get(qualifier, "")
        self._unlined = self.read(amount, e, 2)
        if not account:
            raise RecordRefused(
                RefusalClass.ID_MISSING,
                f"the claim (CLM, segment {self.number}) has no number (CLM01)",
            )
        if not claim.transaction:
            raise RecordRefused(
                RefusalClass.CODE_INVALID,
                f"CLM05 (segment {self.number}) does not tell an institutional from a "
                "professional claim, and neither does the guide (ST03, GS08)",
            )

    def _sbr(self, text: str) -> None:
        if self._draft is None:
            self.take_subscriber(text)
            return
        self._other = OtherPayer([], *self.said.subscriber(text))
        self._claim.other_payers.append(self._other)

    def _nm1(self, text: str) -> None:
        if self._draft is None:
            self.take_party(text)
            return
        if text[ENTITY] not in _ENTITIES:
            return
        entity, name, identifier, npi = self.said.party(text)
        if self._line is not None:
            if entity == "82":
                self._line.rendering_npi = npi
        elif self._other is not None:
            if entity == "PR":
                self._other.payer_id, self._other.payer_name = identifier, name
        elif entity in _PROVIDERS:
            setattr(self._claim, _PROVIDERS[entity], npi)

    def _dtp(self, text: str) -> None:
        if self._draft is None:
            return
        line = self._line
        if line is not None:
            line.service_date = self.said.service_day(text) or line.service_date
            if self._decision is None:
                return
        qualifier, written = self.said.dated(text)
        try:
            self._dates(self._draft, qualifier, written)
        except Unreadable as bad:
            bad.element = "DTP03"
            raise

    def _dates(self, draft: Draft, qualifier: str, written: str) -> None:
        claim, decided = self._claim, self._decision or self._other
        if decided is not None:
            if qualifier == "573":
                date = self.readable(day, draft, written, "DTP03")
                decided.adjudication_date = date
        elif qualifier == "434":
            claim.statement_from, claim.statement_through = period(written)
        elif qualifier == "435":
            claim.admission_date = period(written)[0]

    def _cl1(self, text: str) -> None:
        e = text.split(self.marks.element)
        if self._draft is not None and len(e) > 3:
            self._claim.patient_status = e[3]

    def _ref(self, text: str) -> None:
        if self._draft is None:
            return
        e = text.split(self.marks.element, _REF_LENGTH)
        if len(e) < _REF_LENGTH or not e[2]:
            return
        e[2] = e[2].rstrip()
        if self._line is not None:
            if e[1] == "6R":
                self._line.line_control_number = e[2]
        elif self._other is not None:
            if e[1] == "F8":
                self._other.claim_control_number = e[2]
        elif e[1] in _REFERENCES:
            setattr(self._claim, _REFERENCES[e[1]], e[2])

    def _decided(self) -> LineDecision | OtherPayer | None:
        """Return what says what another payer decided, of the line or the claim."""
        return self._other if self._line is None else self._decision

    def _amt(self, text: str) -> None:
        e, decided = self.marks.elements(text), self._decided()
        names = _PAYER_AMOUNTS if decided is self._other else _LINE_AMOUNTS
        if decided is not None and e[1] in names:
            self.read(amount, e, 2)
            setattr(decided, names[e[1]], e[2])

    def _cas(self, text: str) -> None:
        draft, decided = self._draft, self._decided()
        if draft is None or decided is None:
            return
        place = self.place()
        _, triplets, notes = self.said.adjusted(text)
        for triplet in triplets:
            adjustment = Adjustment(*triplet)
            decided.adjustments.append(adjustment)
            draft.places.append((adjustment, *place))
        draft.note_all(notes, *place)

    def _svd(self, text: str) -> None:
        draft, line = self._draft, self._line
        if draft is None or line is None:
            raise self.outside(text, "a claim line")
        payer, paid, code, modifiers, revenue, quantity, bundled, notes = (
            self.said.decided(text)
        )
        self._decision = decision = LineDecision(
            payer, paid, [], modifiers, code, revenue, quantity, bundled
        )
        line.decisions.append(decision)
        place = self.place()
        draft.places.append((decision, *place))
        draft.note_all(notes, *place)

    def _hi(self, text: str) -> None:
        draft = self._draft
        if draft is None or self._line is not None:
            return
        claim, elements = self._claim, text.split(self.marks.element)
        for position in range(1, len(elements)):
            kind, code, fault = self.said.coded(elements[position])
            if fault:
                draft.note(fault, f"{elements[0]}{position:02}", *self.place())
            if kind == "diagnosis":
                claim.diagnoses.append(code)
            elif kind == "procedure":
                claim.procedures.append(code)
            elif kind == "condition":
                claim.condition_codes.append(code.code)
            elif kind == "drg":
                claim.drg = code.code

    def _lx(self, text: str) -> None:
        draft, line = self._draft, self._line
        if draft is None:
            return
        if line is not None and not line.charge_amount:
            self._refuse_line(draft)
        e = text.split(self.marks.element, 2)
        self._decision = None
        self._line = ClaimLine(e[1] if len(e) > 1 else "", [])
        self._line_place = self.block.first + self.index

    def _refuse_line(self, draft: Draft) -> None:
        draft.refuse(
            RecordRefused(
                RefusalClass.SEGMENT_INVALID,
                f"LX (segment {self._line_place}) has no SV1 or SV2",
            )
        )

    def _sv(self, text: str) -> None:
        draft, line = self._draft, self._line
        if draft is None or line is None:
            raise self.outside(text, "a claim line")
        if line.charge_amount:
            raise self.outside(text, "its own LX: the line has a service")
        (
            cents,
            line.charge_amount,
            line.unit,
            line.quantity,
            line.revenue_code,
            line.procedure_code,
            line.modifiers,
            notes,
        ) = self.said.service(text)
        self._unlined -= cents
        self._claim.lines.append(line)
        place = self.place()
        draft.places.append((line, *place))
        if notes:
            draft.note_all(notes, *place)
