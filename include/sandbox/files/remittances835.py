"""835 files: one payment of one payer, balanced by line, claim and transaction."""

from collections.abc import Iterator, Sequence
from datetime import date

from sandbox.billing.adjudication import Adjustment, Decision, LineDecision
from sandbox.billing.claims import Claim
from sandbox.billing.professional_charges import place_of_service
from sandbox.billing.remittances import Remittance
from sandbox.files.people import name_patient
from sandbox.files.x12 import ControlNumbers, Envelope, Segments, day, plain
from sandbox.money import text
from sandbox.network.payers import Payer, native_id, native_name

IMPLEMENTATION = "005010X221A1"
FILING_INDICATORS = {"BL": "12", "CI": "12"}
MOST_REASONS = 6


def _filing_indicator(payer: Payer, kind: str) -> str:
    if payer.filing_indicator == "MA" and kind == "P":
        return "MB"
    return FILING_INDICATORS.get(payer.filing_indicator, payer.filing_indicator)


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
        for number, decision in enumerate(self.remittance.decisions, start=1):
            self._claim(decision, f"{self.remittance.trace_number}{number:04d}")
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

    def _claim(self, decision: Decision, control_number: str) -> None:
        encounter = decision.claim.encounter
        kind = self.remittance.kind
        if kind == "I":
            place = "11" if encounter.is_inpatient else "13"
        else:
            place = place_of_service(encounter)
        self.segments.add(
            "CLP",
            encounter.account_number,
            "1",
            text(decision.claim.charge),
            text(decision.paid),
            text(decision.patient_responsibility),
            _filing_indicator(self.remittance.payer, kind),
            control_number,
            place,
            "1",
        )
        self._adjust(decision.adjustments)
        name_patient(self.segments, "QC", encounter.patient)
        self._dates(decision.claim.statement_from, decision.claim.statement_through)
        for line in decision.lines:
            self._line(line, decision.claim)

    def _dates(self, first: date, last: date) -> None:
        self.segments.add("DTM", "232", day(first))
        self.segments.add("DTM", "233", day(last))

    def _line(self, decision: LineDecision, claim: Claim) -> None:
        join = self.segments.composite
        line = claim.lines[decision.number - 1]
        if line.procedure_code:
            service = join("HC", line.procedure_code)
            revenue_code = line.revenue_code
        else:
            service, revenue_code = join("NU", line.revenue_code), ""
        amounts = text(line.amount), text(decision.paid)
        self.segments.add("SVC", service, *amounts, revenue_code, str(line.quantity))
        self.segments.add("DTM", "472", day(line.service_date))
        self._adjust(decision.adjustments)
        self.segments.add("REF", "6R", claim.line_control_number(decision.number))

    def _adjust(self, adjustments: Sequence[Adjustment]) -> None:
        """Add one CAS segment a group, with up to six reasons in it."""
        for group in dict.fromkeys(adjustment.group for adjustment in adjustments):
            same = [each for each in adjustments if each.group == group]
            for first in range(0, len(same), MOST_REASONS):
                triplets: list[str] = []
                for each in same[first : first + MOST_REASONS]:
                    triplets += [each.reason, text(each.amount), ""]
                self.segments.add("CAS", group, *triplets)

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
            receiver=f"{facility.code}BILLING",
            control_number=numbers.next_for(sender),
            sent_on=remittance.payment_date,
            functional_code="HP",
            transaction="835",
            implementation=IMPLEMENTATION,
        )
        content = RemittanceFile(remittance).build(envelope)
        yield file_name(remittance), content, remittance
