"""What an 835 says of the payment as a whole: amount, date, parties, adjustments."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.bodies.remittance import (
    ProviderAdjustment,
    Remittance,
)
from ledgerline.connectors.formats.x12.records import values
from ledgerline.connectors.formats.x12.records.set_reader import (
    Handler,
    OpenSet,
    SetReader,
)
from ledgerline.connectors.formats.x12.records.values import Unreadable

TRANSACTION_TYPE = "835.transaction"
_PLB_STEP = 2


class PaymentReader(SetReader):
    """Reads the payment; whoever reads its claims adds them up."""

    is_whole = True

    def __init__(self, opened: OpenSet, handlers: Mapping[str, Handler]) -> None:
        """Begin a transaction set at its ST."""
        own = {
            "BPR": self._bpr,
            "TRN": self._trn,
            "CUR": self._cur,
            "N1": self._n1,
            "PLB": self._plb,
        }
        super().__init__(opened, {**own, **handlers})
        self._remittance = body = Remittance([])
        self._whole = self.whole(TRANSACTION_TYPE, body)
        self._payment = self._provider_adjusted = 0
        self._payment_place = 0
        self._party = ""

    def finish_payment(self, claims_paid: int, claim_count: int) -> None:
        """Balance the payment and complete the transaction."""
        if not self._remittance.payment_amount:
            raise RecordRefused(
                RefusalClass.SEGMENT_INVALID, "the transaction set has no BPR segment"
            )
        if self._payment != claims_paid - self._provider_adjusted:
            raise RecordRefused(
                RefusalClass.UNBALANCED,
                f"the payment (BPR02, segment {self._payment_place}) is not the claims "
                "paid (CLP04) less the provider adjustments (PLB)",
            )
        self._date()
        self._remittance.claim_count = claim_count
        self.end(self._whole)

    def _bpr(self, text: str) -> None:
        e = self.marks.elements(text)
        body = self._remittance
        self._payment = self.read(values.amount, e, 2)
        self._payment_place = self.number
        body.handling_code, body.payment_amount = e[1], e[2]
        body.payment_method, body.payment_format = e[4], e[5]
        body.payment_date = self.readable(values.day, self._whole, e[16], "BPR16")

    def _date(self) -> None:
        """Date the payment: by BPR16, else its production, else a payment of 0.00."""
        body = self._remittance
        if body.payment_date or not body.payment_amount:
            return
        body.payment_date = body.production_date
        if not body.payment_date and not self._payment:
            with suppress(Unreadable):
                body.payment_date = values.day(self.opened.group_date)
        if not body.payment_date:
            raise RecordRefused(
                RefusalClass.DATE_INVALID,
                f"BPR16 (segment {self._payment_place}) is missing or no date of the "
                "calendar, and no DTM*405 stands for it",
            )

    def _trn(self, text: str) -> None:
        e = self.marks.elements(text)
        self._remittance.trace_number = self._remittance.trace_number or e[2]

    def _cur(self, text: str) -> None:
        self.read(values.dollars, self.marks.elements(text), 2)

    def _n1(self, text: str) -> None:
        e = self.marks.elements(text)
        self._party = e[1]
        body = self._remittance
        if e[1] == "PR":
            body.payer_name = e[2] or body.payer_name
            body.payer_id = e[4] or body.payer_id
        elif e[1] == "PE" and e[3] == "XX":
            body.payee_npi = e[4] or body.payee_npi

    def _plb(self, text: str) -> None:
        e, place = self.marks.elements(text), self.place()
        size = len(text.split(self.marks.element))
        fiscal = self.readable(values.day, self._whole, e[2], "PLB02")
        for at in range(3, size, _PLB_STEP):
            if not e[at] and not e[at + 1]:
                continue
            self._provider_adjusted += self.read(values.amount, e, at + 1)
            reason, reference = [*e[at].split(self.marks.component), ""][:2]
            adjustment = ProviderAdjustment(e[at + 1], fiscal, reason, reference)
            self._remittance.provider_adjustments.append(adjustment)
            self._whole.places.append((adjustment, *place))
