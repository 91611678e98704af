"""Map an 835 transaction set to `835.claim` records and one `835.transaction`.

The set is balanced on three levels while it is read: each line, each claim, and the
payment. One that does not balance is refused whole.
"""

from __future__ import annotations

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.remittance import (
    Adjustment,
    PaidClaim,
    PaidLine,
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
    money,
    number,
)
from ledgerline.connectors.formats.x12.sets.payment_835 import PaymentReader

CLAIM_TYPE = "835.claim"
_PREDETERMINATION = "25"
_PAYER_SEQUENCE = {"1": "P", "2": "S", "3": "T", "19": "P", "20": "S", "21": "T"}
_CAS_STEP = 3
_UNFINISHED = ("", "")
"""Makes the last triplet of a CAS whole."""
_CLP_LENGTH, _SVC_LENGTH = 9, 5
_SERVICE_DATES = ("472", "150")
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

    def _lx(self, _e: Elements) -> None:
        self._end_claim()

    def _clp(self, e: Elements) -> None:
        self._end_claim()
        if len(e) <= _CLP_LENGTH:
            e += ABSENT
        try:
            charge, paid = amount(e[3]), amount(e[4])
            if e[5]:
                amount(e[5])
        except Unreadable as bad:
            raise self.misplaced(bad, e, 3, 4, 5) from bad
        self._count += 1
        self._claim_open = charge - paid
        if e[2] != _PREDETERMINATION:
            self._claims_paid += paid
        head = self._remittance
        if not head.payment_date:
            self._date()
        key, account = self.opened.key, e[1]
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
            e[7],
            e[8],
            e[9],
        )
        self._draft = self.draft(CLAIM_TYPE, f"{key}|{self._count}", claim)

    def _svc(self, e: Elements) -> None:
        draft = self._draft
        if draft is None:
            raise self.outside(e, "a claim")
        if self._line_open:
            self._refuse_line()
        if len(e) <= _SVC_LENGTH:
            e += ABSENT
        if not (e[2] and e[3]):
            self._state_zero(e, draft)
        try:
            self._line_open = amount(e[2]) - amount(e[3])
            number(e[5])
        except Unreadable as bad:
            raise self.misplaced(bad, e, 2, 3, 5) from bad
        parts = self.split(draft, e, 1)
        code, revenue = parts[1] if len(parts) > 1 else "", e[4]
        if parts[0] == "NU":
            code, revenue = "", code
        lines = self._claim.lines
        ordinal = str(len(lines) + 1)
        self._line = line = PaidLine(ordinal, e[2], e[3], [], [], code, revenue, e[5])
        lines.append(line)
        offset, self._line_place = self.place()
        draft.places.append((line, offset, self._line_place))

    def _state_zero(self, e: Elements, draft: Draft) -> None:
        """Take an amount of a line that is not stated as 0; balancing proves it."""
        for position in (2, 3):
            if not e[position]:
                e[position] = "0"
                draft.note(
                    RefusalClass.AMOUNT_INVALID, f"SVC{position:02}", *self.place()
                )

    def _dtm(self, e: Elements) -> None:
        e += _UNFINISHED
        line, draft = self._line, self._draft
        if line is not None:
            if e[1] in _SERVICE_DATES:
                try:
                    line.service_date = day(e[2])
                except Unreadable as bad:
                    raise self.misplaced(bad, e, 2) from bad
        elif draft is not None:
            if e[1] == "050":
                date = self.readable(day, draft, e[2], "DTM02")
                self._claim.claim_received_date = date
        elif e[1] == "405":
            date = self.readable(day, self._whole, e[2], "DTM02")
            self._remittance.production_date = date

    def _cas(self, e: Elements) -> None:
        draft, line = self._draft, self._line
        if draft is None:
            raise self.outside(e, "a claim")
        adjustments = self._claim.adjustments if line is None else line.adjustments
        size, (offset, ordinal), total = len(e), self.place(), 0
        e += _UNFINISHED
        for at in range(2, size, _CAS_STEP):
            reason, adjusted, quantity = e[at], e[at + 1], e[at + 2]
            if not reason and not adjusted:
                continue
            try:
                total += amount(adjusted)
                if quantity:
                    number(quantity)
            except Unreadable as bad:
                raise self.misplaced(bad, e, at + 1, at + 2) from bad
            adjustment = Adjustment(e[1], reason, adjusted, quantity)
            adjustments.append(adjustment)
            draft.places.append((adjustment, offset, ordinal))
        self._claim_open -= total
        if line is not None:
            self._line_open -= total

    def _ref(self, e: Elements) -> None:
        e += _UNFINISHED
        if self._line is not None:
            if e[1] == "6R" and e[2]:
                self._line.line_control_number = e[2]
        elif self._draft is not None:
            if e[1] == "F8" and e[2]:
                self._claim.original_reference = e[2]
        elif self._party == "PR" and e[1] == "2U":
            self._remittance.payer_id = self._remittance.payer_id or e[2]

    def _amt(self, e: Elements) -> None:
        draft, line = self._draft, self._line
        if draft is None:
            return
        e += _UNFINISHED
        if line is not None:
            if e[1] == "B6":
                line.allowed_amount = self.readable(money, draft, e[2], "AMT02")
        elif name := _CLAIM_AMOUNTS.get(e[1]):
            text = self.readable(money, draft, e[2], "AMT02")
            setattr(self._claim, name, text)

    def _lq(self, e: Elements) -> None:
        if self._line is not None and len(e) > 2 and e[1] == "HE" and e[2]:
            self._line.remark_codes.append(e[2])

    def _remarks(self, e: Elements) -> None:
        if self._draft is not None:
            places = _REMARKS[e[0]]
            e += ABSENT * 2
            self._claim.remark_codes += [e[at] for at in places if e[at]]

    def _plb(self, e: Elements) -> None:
        self._end_claim()
        super()._plb(e)

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
