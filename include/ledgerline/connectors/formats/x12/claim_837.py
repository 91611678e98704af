"""Map an 837I or 837P transaction set to one `837.claim` record a CLM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12 import values
from ledgerline.connectors.formats.x12.body import Draft, without_blanks
from ledgerline.connectors.formats.x12.segment import Segment

RESOURCE_TYPE = "837.claim"
_DIAGNOSES = frozenset(
    {"ABK", "ABF", "ABJ", "ABN", "APR", "BK", "BF", "BJ", "BN", "PR"}
)
_PROCEDURES = frozenset({"BBR", "BBQ", "BR", "BQ"})
_MODIFIERS = slice(2, 6)


class ClaimMapper:
    """Takes the segments between ST and SE in order; yields finished claims."""

    def __init__(self, *, transaction: str, implementation: str, key: str) -> None:
        """Remember what every claim of the transaction set shares."""
        self._transaction = transaction
        self._implementation = implementation
        self._key = key
        self._billing: dict[str, str] = {}
        self._payer: dict[str, str] = {}
        self._claim: Draft | None = None
        self._line: dict[str, Any] | None = None
        self._is_other_payer = False
        self._count = 0
        self._handlers: dict[str, Callable[[Segment], None]] = {
            "SBR": self._sbr,
            "NM1": self._nm1,
            "DTP": self._dtp,
            "CL1": self._cl1,
            "REF": self._ref,
            "HI": self._hi,
            "LX": self._lx,
            "SV1": self._sv1,
            "SV2": self._sv2,
        }

    def take(self, segment: Segment) -> Iterator[Draft]:
        """Use one segment; yield the claim that it ends, if any."""
        tag = segment.elements[0]
        if tag in {"CLM", "HL"}:
            yield from self.finish()
            if tag == "HL":
                self._begin_level(segment)
            else:
                self._begin_claim(segment)
            return
        if self._claim:
            self._claim.extend(segment)
        handler = self._handlers.get(tag)
        if handler is None:
            return
        try:
            handler(segment)
        except RecordRefused as refused:
            if self._claim is None:
                raise
            self._claim.refuse(refused)

    def finish(self) -> Iterator[Draft]:
        """Yield the claim that is open, if any."""
        claim, self._claim, self._line = self._claim, None, None
        if claim is not None:
            if not claim.body["lines"]:
                claim.refuse(
                    RecordRefused(
                        RefusalClass.SEGMENT_INVALID, "the claim has no service line"
                    )
                )
            yield claim

    def _begin_level(self, segment: Segment) -> None:
        level = segment.at(3)
        if level == "20":
            self._billing, self._payer = {}, {}
        elif level == "22":
            self._payer = {}

    def _begin_claim(self, segment: Segment) -> None:
        self._count += 1
        self._is_other_payer = False
        account = segment.at(1)
        place = segment.composite(5)
        npi = self._billing.get("billing_npi", "")
        body: dict[str, Any] = {
            "transaction": self._transaction,
            "implementation": self._implementation,
            **self._billing,
            "claim_id": f"{npi}|{account}",
            "account_number": account,
            "charge_amount": segment.at(2),
            "facility_code_value": place[0],
            "frequency_code": place[2] if len(place) > 2 else "",
            **self._payer,
            "diagnoses": [],
            "procedures": [],
            "lines": [],
        }
        self._claim = Draft(
            resource_type=RESOURCE_TYPE,
            resource_id=f"{self._key}|{account}|{self._count}",
            body=body,
            segment=segment,
        )
        try:
            values.amount(segment, 2)
        except RecordRefused as refused:
            self._claim.refuse(refused)

    def _sbr(self, segment: Segment) -> None:
        if self._claim is None:
            self._payer = without_blanks({"filing_indicator": segment.at(9)})
        else:
            self._is_other_payer = True

    def _nm1(self, segment: Segment) -> None:
        if self._claim is not None:
            return
        entity = segment.at(1)
        if entity == "85":
            npi = segment.at(9) if segment.at(8) == "XX" else ""
            self._billing = without_blanks({"billing_npi": npi})
        elif entity == "PR":
            self._payer |= without_blanks(
                {"payer_id": segment.at(9), "payer_name": segment.at(3)}
            )

    def _dtp(self, segment: Segment) -> None:
        if self._claim is None or self._is_other_payer_loop():
            return
        qualifier = segment.at(1)
        if qualifier == "434":
            begin, end = values.period(segment)
            self._claim.body |= {"statement_from": begin, "statement_through": end}
        elif qualifier == "435":
            self._claim.body["admission_date"] = values.period(segment)[0]
        elif qualifier == "472" and self._line is not None:
            self._line["service_date"] = values.period(segment)[0]

    def _cl1(self, segment: Segment) -> None:
        if self._claim is not None:
            self._claim.body |= without_blanks({"patient_status": segment.at(3)})

    def _ref(self, segment: Segment) -> None:
        if self._line is not None:
            if segment.at(1) == "6R":
                self._line |= without_blanks({"line_control_number": segment.at(2)})
            return
        if self._claim is None or self._is_other_payer:
            return
        names = {"F8": "original_reference", "EA": "medical_record_number"}
        name = names.get(segment.at(1))
        if name and segment.at(2):
            self._claim.body[name] = segment.at(2)

    def _hi(self, segment: Segment) -> None:
        if self._claim is None or self._line is not None:
            return
        for position in range(1, len(segment.elements)):
            parts = [*segment.composite(position), "", "", ""]
            qualifier, code = parts[0], parts[1]
            if qualifier == "DR":
                self._claim.body["drg"] = code
            elif qualifier in _DIAGNOSES:
                self._claim.body["diagnoses"].append(
                    {"qualifier": qualifier, "code": code}
                )
            elif qualifier in _PROCEDURES:
                done = values.day(segment, parts[3], position) if parts[3] else ""
                self._claim.body["procedures"].append(
                    without_blanks({"qualifier": qualifier, "code": code, "date": done})
                )

    def _lx(self, segment: Segment) -> None:
        if self._claim is not None:
            self._is_other_payer = False
            self._line = {"line_number": segment.at(1)}

    def _sv1(self, segment: Segment) -> None:
        self._service(segment, revenue_code="", first=1)

    def _sv2(self, segment: Segment) -> None:
        self._service(segment, revenue_code=segment.at(1), first=2)

    def _service(self, segment: Segment, *, revenue_code: str, first: int) -> None:
        if self._claim is None or self._line is None:
            raise RecordRefused(
                RefusalClass.SEGMENT_INVALID,
                f"{segment.tag} (segment {segment.number}) stands outside a claim line",
            )
        values.amount(segment, first + 1)
        parts = segment.composite(first)
        self._line |= without_blanks(
            {
                "revenue_code": revenue_code,
                "procedure_code": parts[1] if len(parts) > 1 else "",
                "charge_amount": segment.at(first + 1),
                "quantity": values.number(segment, first + 3),
                "unit": segment.at(first + 2),
            }
        )
        self._line["modifiers"] = [part for part in parts[_MODIFIERS] if part]
        self._claim.body["lines"].append(self._line)
        self._claim.positions.append(
            {"byte_offset": segment.offset, "segment_number": segment.number}
        )

    def _is_other_payer_loop(self) -> bool:
        return self._is_other_payer and self._line is None
