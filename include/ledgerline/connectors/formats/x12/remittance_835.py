"""Map an 835 transaction set to `835.claim` records and one `835.transaction`.

The set is balanced on three levels while it is read: each line, each claim, and the
payment. One that does not balance is refused whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12 import values
from ledgerline.connectors.formats.x12.body import Draft, not_text, without_blanks
from ledgerline.connectors.formats.x12.segment import Segment

TRANSACTION_TYPE = "835.transaction"
CLAIM_TYPE = "835.claim"
_PREDETERMINATION = "25"
_CAS_STEP = 3
_PLB_STEP = 2


class RemittanceMapper:
    """Takes the segments between ST and SE in order; yields drafts.

    Any RecordRefused that it raises refuses the whole transaction set.
    """

    def __init__(self, *, key: str, segment: Segment) -> None:
        """Begin a transaction set at its ST."""
        self._key = key
        self._transaction = Draft(
            resource_type=TRANSACTION_TYPE,
            resource_id=key,
            body={"provider_adjustments": []},
            segment=segment,
        )
        self._payment = self._claims_paid = self._provider_adjusted = 0
        self._has_payment = False
        self._count = 0
        self._party = ""
        self._claim: Draft | None = None
        self._line: dict[str, Any] | None = None
        self._claim_open = self._line_open = 0
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "BPR": self._bpr,
            "TRN": self._trn,
            "N1": self._n1,
            "REF": self._ref,
            "SVC": self._svc,
            "DTM": self._dtm,
            "CAS": self._cas,
            "PLB": self._plb,
        }

    def take(self, segment: Segment) -> Iterator[Draft]:
        """Use one segment; yield the claim that it ends, if any."""
        if not segment.is_text:
            raise not_text(segment)
        tag = segment.elements[0]
        if tag in {"CLP", "LX", "PLB"}:
            yield from self._end_claim()
        if self._claim:
            self._claim.extend(segment)
        self._transaction.extend(segment)
        if tag == "CLP":
            self._clp(segment)
        elif tag in self._handlers:
            self._handlers[tag](segment)

    def finish(self) -> Iterator[Draft]:
        """Close the last claim, balance the payment, yield the transaction."""
        yield from self._end_claim()
        if not self._has_payment:
            raise RecordRefused(
                RefusalClass.SEGMENT_INVALID, "the transaction set has no BPR segment"
            )
        if self._payment != self._claims_paid - self._provider_adjusted:
            raise RecordRefused(
                RefusalClass.UNBALANCED,
                "the payment (BPR02) is not the claims paid (CLP04) less the "
                "provider adjustments (PLB)",
            )
        self._transaction.body["claim_count"] = self._count
        yield self._transaction

    def _bpr(self, segment: Segment) -> None:
        self._payment = values.amount(segment, 2)
        self._has_payment = True
        self._transaction.body |= without_blanks(
            {
                "payment_amount": segment.at(2),
                "payment_method": segment.at(4),
                "payment_date": values.day(segment, segment.at(16), 16),
            }
        )

    def _trn(self, segment: Segment) -> None:
        if self._claim is None:
            self._transaction.body |= without_blanks({"trace_number": segment.at(2)})

    def _n1(self, segment: Segment) -> None:
        self._party = segment.at(1)
        body = self._transaction.body
        if self._party == "PR":
            body |= without_blanks(
                {"payer_name": segment.at(2), "payer_id": segment.at(4)}
            )
        elif self._party == "PE" and segment.at(3) == "XX":
            body |= without_blanks({"payee_npi": segment.at(4)})

    def _ref(self, segment: Segment) -> None:
        if self._claim is None and self._party == "PR" and segment.at(1) == "2U":
            self._transaction.body.setdefault("payer_id", segment.at(2))

    def _clp(self, segment: Segment) -> None:
        self._count += 1
        self._line = None
        charge, paid = values.amount(segment, 3), values.amount(segment, 4)
        values.optional_amount(segment, 5)
        self._claim_open = charge - paid
        if segment.at(2) != _PREDETERMINATION:
            self._claims_paid += paid
        header = self._transaction.body
        npi = header.get("payee_npi", "")
        shared = {
            name: header[name]
            for name in ("payee_npi", "payer_id", "payment_date")
            if name in header
        }
        self._claim = Draft(
            resource_type=CLAIM_TYPE,
            resource_id=f"{self._key}|{self._count}",
            body={
                "transaction_id": self._key,
                **shared,
                "claim_id": f"{npi}|{segment.at(1)}",
                **_claim_fields(segment),
                "adjustments": [],
                "lines": [],
            },
            segment=segment,
        )

    def _svc(self, segment: Segment) -> None:
        if self._claim is None:
            raise _outside(segment)
        self._end_line()
        self._line_open = values.amount(segment, 2) - values.amount(segment, 3)
        lines = self._claim.body["lines"]
        qualifier, code = [*segment.composite(1), ""][:2]
        is_revenue = qualifier == "NU"
        self._line = {
            "line_number": str(len(lines) + 1),
            **without_blanks(
                {
                    "procedure_code": "" if is_revenue else code,
                    "revenue_code": code if is_revenue else segment.at(4),
                    "charge_amount": segment.at(2),
                    "paid_amount": segment.at(3),
                    "units": values.number(segment, 5),
                }
            ),
            "adjustments": [],
        }
        lines.append(self._line)

    def _dtm(self, segment: Segment) -> None:
        if self._line is not None and segment.at(1) in {"472", "150"}:
            self._line["service_date"] = values.day(segment, segment.at(2), 2)

    def _cas(self, segment: Segment) -> None:
        if self._claim is None:
            raise _outside(segment)
        target = self._claim.body if self._line is None else self._line
        for position in range(2, len(segment.elements), _CAS_STEP):
            if not segment.at(position) and not segment.at(position + 1):
                continue
            adjusted = values.amount(segment, position + 1)
            self._claim_open -= adjusted
            self._line_open -= adjusted
            target["adjustments"].append(
                without_blanks(
                    {
                        "group_code": segment.at(1),
                        "reason_code": segment.at(position),
                        "amount": segment.at(position + 1),
                        "quantity": values.number(segment, position + 2),
                    }
                )
            )

    def _plb(self, segment: Segment) -> None:
        fiscal = values.day(segment, segment.at(2), 2)
        for position in range(3, len(segment.elements), _PLB_STEP):
            if not segment.at(position) and not segment.at(position + 1):
                continue
            self._provider_adjusted += values.amount(segment, position + 1)
            reason, reference = [*segment.composite(position), ""][:2]
            self._transaction.body["provider_adjustments"].append(
                without_blanks(
                    {
                        "fiscal_date": fiscal,
                        "reason_code": reason,
                        "reference": reference,
                        "amount": segment.at(position + 1),
                    }
                )
            )

    def _end_line(self) -> None:
        if self._line is not None and self._line_open:
            raise RecordRefused(
                RefusalClass.UNBALANCED,
                f"line {self._line['line_number']} of claim {self._count}: charge less "
                "adjustments is not the paid amount",
            )

    def _end_claim(self) -> Iterator[Draft]:
        claim = self._claim
        if claim is None:
            return
        self._end_line()
        self._claim = self._line = None
        if self._claim_open:
            raise RecordRefused(
                RefusalClass.UNBALANCED,
                f"claim {self._count} of the transaction set: charge (CLP03) less "
                "adjustments is not the paid amount (CLP04)",
            )
        yield claim


def _claim_fields(segment: Segment) -> dict[str, str]:
    return without_blanks(
        {
            "account_number": segment.at(1),
            "status_code": segment.at(2),
            "charge_amount": segment.at(3),
            "paid_amount": segment.at(4),
            "patient_responsibility_amount": segment.at(5),
            "filing_indicator": segment.at(6),
            "payer_claim_control_number": segment.at(7),
            "facility_code_value": segment.at(8),
            "frequency_code": segment.at(9),
        }
    )


def _outside(segment: Segment) -> RecordRefused:
    return RecordRefused(
        RefusalClass.SEGMENT_INVALID,
        f"{segment.tag} (segment {segment.number}) stands outside a claim",
    )
