"""Map an 835 transaction set to `835.claim` records and one `835.transaction`.

The set is balanced on three levels while it is read: each line, each claim, and the
payment. One that does not balance is refused whole.
"""

from __future__ import annotations

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.adjustment import Adjustment
from ledgerline.connectors.formats.x12.bodies.remittance import PaidClaim, PaidLine
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import OpenSet
from ledgerline.connectors.formats.x12.records.values import (
    Unreadable,
    amount,
    day,
    money,
)
from ledgerline.connectors.formats.x12.sets.payment_835 import PaymentReader
from ledgerline.connectors.formats.x12.statements.remittance import statements

CLAIM_TYPE = "835.claim"
_PREDETERMINATION = "25"
_PAYER_SEQUENCE = {"1": "P", "2": "S", "3": "T", "19": "P", "20": "S", "21": "T"}
_CLP_ABSENT = ("",) * 9
_CLAIM_AMOUNTS = {"I": "interest_amount", "AU": "coverage_amount"}
_REMARKS = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}


class RemittanceReader(PaymentReader):
    """Reads a set in order; any RecordRefused that it raises refuses it whole."""

    def __init__(self, opened: OpenSet) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(
            opened,
            {
                "DTM": self._dtm,
                "LX": self._lx,
                "CLP": self._clp,
                "CAS": self._cas,
                "SVC": self._svc,
                "REF": self._ref,
                "AMT": self._amt,
                "LQ": self._lq,
                "MIA": self._remarks,
                "MOA": self._remarks,
            },
        )
        self._said = statements(opened.marks)
        self._claims_paid = self._line_place = 0
        self._count = 0
        self._draft: Draft | None = None
        self._claim = PaidClaim("", "", "", "", [], [], [])
        self._line: PaidLine | None = None
        self._claim_open = self._line_open = 0

    def finish(self) -> None:
        """Close the last claim, then the payment."""
        self._end_claim()
        self.finish_payment(self._claims_paid, self._count)

    def _lx(self, _text: str) -> None:
        self._end_claim()

    def _clp(self, text: str) -> None:
        self._end_claim()
        e = text.split(self.marks.element)
        e += _CLP_ABSENT
        try:
            charge, paid = amount(e[3]), amount(e[4])
        except Unreadable as bad:
            bad.locate(e, 3, 4)
            raise
        self._count += 1
        self._claim_open = charge - paid
        if e[2] != _PREDETERMINATION:
            self._claims_paid += paid
        head = self._remittance
        if not head.payment_date:
            self._date()
        key, account = self.opened.key, e[1].rstrip()
        self._claim = claim = PaidClaim(
            key,
            f"{head.payee_npi}|{account}",
            e[3],
            e[4],
            [],
            [],
            [],
            head.payee_npi,
            head.payer_id,
            head.payment_date,
            account,
            e[2],
            _PAYER_SEQUENCE.get(e[2], ""),
            e[5],
            e[6],
            e[7].rstrip(),
            e[8],
            e[9],
        )
        self._draft = self.draft(CLAIM_TYPE, f"{key}|{self._count}", claim)
        if e[5]:
            self._owe(claim, self._draft)

    def _owe(self, claim: PaidClaim, draft: Draft) -> None:
        """Check what the patient owes (CLP05), which no balance needs."""
        try:
            amount(claim.patient_responsibility_amount)
        except Unreadable as bad:
            claim.patient_responsibility_amount = ""
            draft.note(bad.refusal_class, "CLP05", *self.place())

    def _svc(self, text: str) -> None:
        draft = self._draft
        if draft is None:
            raise self.outside(text, "a claim")
        if self._line_open:
            self._refuse_line()
        service = self._said.service(text)
        charge, paid, code, revenue, units, self._line_open, notes = service
        lines = self._claim.lines
        ordinal = str(len(lines) + 1)
        self._line = line = PaidLine(
            ordinal, charge, paid, [], [], code, revenue, units
        )
        lines.append(line)
        offset, self._line_place = self.place()
        draft.places.append((line, offset, self._line_place))
        if notes:
            draft.note_all(notes, offset, self._line_place)

    def _dtm(self, text: str) -> None:
        line, draft = self._line, self._draft
        if line is not None and draft is not None:
            try:
                line.service_date = self._said.service_date(text) or line.service_date
            except Unreadable as bad:
                draft.note(bad.refusal_class, bad.element, *self.place())
            return
        e = self.marks.elements(text)
        if draft is not None:
            if e[1] == "050":
                date = self.readable(day, draft, e[2], "DTM02")
                self._claim.claim_received_date = date
        elif e[1] == "405":
            date = self.readable(day, self._whole, e[2], "DTM02")
            self._remittance.production_date = date

    def _cas(self, text: str) -> None:
        draft, line = self._draft, self._line
        if draft is None:
            raise self.outside(text, "a claim")
        cents, triplets, notes = self._said.adjusted(text)
        offset, ordinal = self.place()
        adjustments = self._claim.adjustments if line is None else line.adjustments
        for group, reason, adjusted, quantity in triplets:
            adjustment = Adjustment(group, reason, adjusted, quantity)
            adjustments.append(adjustment)
            draft.places.append((adjustment, offset, ordinal))
        if notes:
            draft.note_all(notes, offset, ordinal)
        self._claim_open -= cents
        if line is not None:
            self._line_open -= cents

    def _ref(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._line is not None:
            if e[1] == "6R" and e[2]:
                self._line.line_control_number = e[2]
        elif self._draft is not None:
            if e[1] == "F8" and e[2]:
                self._claim.original_reference = e[2].rstrip()
        elif self._party == "PR" and e[1] == "2U":
            self._remittance.payer_id = self._remittance.payer_id or e[2]

    def _amt(self, text: str) -> None:
        draft, line = self._draft, self._line
        if draft is None:
            return
        e = self.marks.elements(text)
        if line is not None:
            if e[1] == "B6":
                line.allowed_amount = self.readable(money, draft, e[2], "AMT02")
        elif name := _CLAIM_AMOUNTS.get(e[1]):
            stated = self.readable(money, draft, e[2], "AMT02")
            setattr(self._claim, name, stated)

    def _lq(self, text: str) -> None:
        e = self.marks.elements(text)
        if self._line is not None and e[1] == "HE" and e[2]:
            self._line.remark_codes.append(e[2])

    def _remarks(self, text: str) -> None:
        if self._draft is not None:
            e = self.marks.elements(text)
            codes = [e[at] for at in _REMARKS[e[0]] if e[at]]
            self._claim.remark_codes += codes

    def _plb(self, text: str) -> None:
        self._end_claim()
        super()._plb(text)

    def _end_claim(self) -> None:
        draft = self._draft
        if draft is None:
            return
        if self._line_open:
            self._refuse_line()
        if self._claim_open:
            raise RecordRefused(
                RefusalClass.UNBALANCED,
                f"claim {self._count} of the transaction set (segment {draft.number}): "
                "charge (CLP03) less adjustments is not the paid amount (CLP04)",
            )
        self._draft = self._line = None
        self.end(draft)

    def _refuse_line(self) -> None:
        raise RecordRefused(
            RefusalClass.UNBALANCED,
            f"line {len(self._claim.lines)} of claim {self._count} (segment "
            f"{self._line_place}): charge (SVC02) less adjustments is not the paid "
            "amount (SVC03)",
        )
