"""835 files: one payment of one payer, balanced by line, claim and transaction."""

from collections.abc import Iterator, Sequence

from sandbox.billing.professional_charges import place_of_service
from sandbox.files.billing.adjustments import add_adjustments, service_code
from sandbox.files.billing.claims837 import biller, member_id
from sandbox.files.people import name_patient
from sandbox.files.x12 import ControlNumbers, Envelope, Segments, day, plain
from sandbox.life_cycle.adjustment import Adjustment, LineDecision
from sandbox.life_cycle.decision import FORWARDED, Decision
from sandbox.life_cycle.remittances import Remittance
from sandbox.life_cycle.submission import Submission
from sandbox.money import text
from sandbox.network.payers import Payer, native_id, native_name

IMPLEMENTATION = "005010X221A1"
FILING_INDICATORS = {"BL": "12", "CI": "12"}
NEXT_PAYER = ("NEXT PAYER", "990000077")
REMARKS = {"16": "N290", "50": "N115", "97": "M15"}


def _filing_indicator(payer: Payer, kind: str) -> str:
    if payer.filing_indicator == "MA" and kind == "P":
        return "MB"
    return FILING_INDICATORS.get(payer.filing_indicator, payer.filing_indicator)


def _remarks(adjustments: Sequence[Adjustment]) -> list[str]:
    """Return the remark codes that explain adjustments."""
    codes = (REMARKS.get(each.reason) for each in adjustments)
    return [code for code in dict.fromkeys(codes) if code]


class RemittanceFile:
    """Builds the transaction set of one remittance."""

    def __init__(self, remittance: Remittance) -> None:
        """Take one remittance."""
        self.remittance = remittance
        self.facility = remittance.facility
        self.payer_id = native_id(remittance.payer, self.facility)
        self.segments = Segments(self.facility.remittance)

    def build(self, envelope: Envelope) -> bytes:
        """Return the bytes of the file."""
        self._payment()
        self._parties()
        self.segments.add("LX", "1")
        for decision in self.remittance.decisions:
            self._claim(decision)
        self._provider_adjustments()
        return self.segments.interchange(envelope)

    def _payment(self) -> None:
        remittance = self.remittance
        add = self.segments.add
        amount, on = text(remittance.paid), day(remittance.payment_date)
        if remittance.paid:
            payer_bank = ("01", "999988880", "DA", "123456", "1990000099", "")
            payee_bank = ("01", "999977770", "DA", f"98765{self.facility.number}")
            add("BPR", "I", amount, "C", "ACH", "CCP", *payer_bank, *payee_bank, on)
        else:
            add("BPR", "I", amount, "C", "NON", *[""] * 11, on)
        add("TRN", "1", remittance.trace_number, "1990000099")
        add("DTM", "405", on)

    def _parties(self) -> None:
        add = self.segments.add
        payer = self.remittance.payer
        name = native_name(payer, self.facility)
        if payer.names_itself_by_id:
            add("N1", "PR", name, "XV", self.payer_id)
        else:
            add("N1", "PR", name)
        add("N3", "PO BOX 1000")
        add("N4", "BOSTON", "MA", "021010000")
        add("REF", "2U", self.payer_id)
        add("PER", "BL", "PROVIDER SERVICES", "TE", "5555550199")
        suffix = "" if self.remittance.kind == "I" else " PHYSICIANS"
        payee_name = plain(self.facility.name) + suffix
        add("N1", "PE", payee_name, "XX", self.remittance.payee_npi)
        add("REF", "TJ", self.facility.tax_id)

    def _claim(self, decision: Decision) -> None:
        add, submission = self.segments.add, decision.submission
        encounter, kind = submission.encounter, self.remittance.kind
        if kind == "I":
            place = "11" if encounter.is_inpatient else "13"
        else:
            place = place_of_service(encounter)
        owed = 0 if decision.is_reversal else decision.patient_responsibility
        add(
            "CLP",
            encounter.account_number,
            decision.status,
            text(decision.charge),
            text(decision.paid),
            text(owed),
            _filing_indicator(self.remittance.payer, kind),
            decision.payer_number,
            place,
            submission.frequency,
        )
        add_adjustments(self.segments, decision.adjustments)
        number = member_id(submission)
        name_patient(self.segments, "QC", encounter.patient, number)
        if decision.status == FORWARDED:
            name, payer_id = NEXT_PAYER
            add("NM1", "TT", "2", name, "", "", "", "", "PI", payer_id)
        self._remark(decision)
        if decision.original_number:
            add("REF", "F8", decision.original_number)
        self._dates(submission)
        if not decision.is_reversal:
            add("AMT", "AU", text(decision.paid + decision.patient_responsibility))
        for line in decision.lines:
            self._line(line, submission, -1 if decision.is_reversal else 1)

    def _remark(self, decision: Decision) -> None:
        """Say why, for the adjustments of the whole claim."""
        remarks = _remarks(decision.adjustments)
        is_stay = decision.submission.encounter.is_inpatient
        if remarks and self.remittance.kind == "I" and is_stay:
            self.segments.add("MIA", "0", "", "", "", *remarks)
        elif remarks:
            self.segments.add("MOA", "", "", *remarks)

    def _dates(self, submission: Submission) -> None:
        add = self.segments.add
        add("DTM", "232", day(submission.statement_from))
        add("DTM", "233", day(submission.statement_through))
        add("DTM", "050", day(submission.sent_on))

    def _line(self, decision: LineDecision, submission: Submission, sign: int) -> None:
        line = submission.lines[decision.number - 1]
        service = service_code(self.segments, line)
        revenue_code = line.revenue_code if line.procedure_code else ""
        amounts = text(sign * line.amount), text(decision.paid)
        self.segments.add("SVC", service, *amounts, revenue_code, str(line.quantity))
        self.segments.add("DTM", "472", day(line.service_date))
        add_adjustments(self.segments, decision.adjustments)
        number = submission.line_control_number(decision.number)
        self.segments.add("REF", "6R", number)
        shares = [each.amount for each in decision.adjustments if each.group == "PR"]
        self.segments.add("AMT", "B6", text(decision.paid + sum(shares)))
        for remark in _remarks(decision.adjustments):
            self.segments.add("LQ", "HE", remark)

    def _provider_adjustments(self) -> None:
        kept = self.remittance.provider_adjustments
        pairs: list[str] = []
        for each in kept:
            pairs += [
                self.segments.composite(each.reason, each.reference),
                text(each.amount),
            ]
        if pairs:
            year_end = f"{self.remittance.payment_date.year}1231"
            self.segments.add("PLB", self.remittance.payee_npi, year_end, *pairs)


def file_name(remittance: Remittance) -> str:
    """Return the name of a remittance's file."""
    payee = f"{remittance.facility.code}_{remittance.kind}"
    return f"835_{remittance.payer.code}_{payee}_{day(remittance.payment_date)}.edi"


def remittance_files(
    remittances: list[Remittance],
) -> Iterator[tuple[str, bytes, Remittance]]:
    """Yield every 835 file as (name, bytes, remittance)."""
    numbers = ControlNumbers()
    for remittance in remittances:
        facility = remittance.facility
        sender = f"PAYER{native_id(remittance.payer, facility)}"
        envelope = Envelope(
            sender=sender,
            receiver=biller(facility),
            control_number=numbers.next_for(sender),
            sent_on=remittance.payment_date,
            functional_code="HP",
            transaction="835",
            implementation=IMPLEMENTATION,
        )
        content = RemittanceFile(remittance).build(envelope)
        yield file_name(remittance), content, remittance
