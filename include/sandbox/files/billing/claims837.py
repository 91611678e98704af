"""837 files: what a facility sends on one day, institutional or professional."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.professional_charges import place_of_service
from sandbox.files.billing.adjustments import add_adjustments, service_code
from sandbox.files.people import Practitioner, address_patient, name_patient
from sandbox.files.x12 import ControlNumbers, Envelope, Segments, day, plain
from sandbox.life_cycle.course import Course
from sandbox.life_cycle.submission import (
    CLAIM_REJECTED,
    FIRST_INTERIM,
    NEXT_INTERIM,
    EarlierPayer,
    Submission,
)
from sandbox.money import text
from sandbox.network.facilities import Facility
from sandbox.network.payers import Payer, native_id, native_name

IMPLEMENTATION = {"I": "005010X223A2", "P": "005010X222A1"}
CLEARINGHOUSE = "CLEARINGHOUSE"
STILL_A_PATIENT = "30"


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """One 837 file with what it holds."""

    name: str
    content: bytes
    envelope: Envelope
    submissions: tuple[Submission, ...]

    @property
    def reference(self) -> str:
        """The number by which the sender knows the transaction set."""
        return reference(self.submissions[0], self.envelope)


def claim_file_name(submission: Submission) -> str:
    """Return the name of the file in which a submission is sent."""
    series = f"{submission.facility.code}_837{submission.kind}"
    return f"{series}_{day(submission.sent_on)}.edi"


def biller(facility: Facility) -> str:
    """Return the id under which a facility's billing office sends and receives."""
    return f"{facility.code}BILLING"


def reference(submission: Submission, envelope: Envelope) -> str:
    """Return the sender's number of the transaction set that holds a submission."""
    facility_code = submission.facility.code
    return f"{facility_code}{submission.kind}{envelope.control_number:06d}"


def member_id(submission: Submission) -> str:
    """Return the patient's number at the payer; one to be rejected lacks its end."""
    number = submission.encounter.patient.member_id
    if submission.payer_sequence != "P":
        return f"{number}{submission.payer_sequence}"
    return number[:-1] if submission.fate == CLAIM_REJECTED else number


class ClaimFile:
    """Builds one transaction set of claims that share facility, kind and day."""

    def __init__(
        self, submissions: Sequence[Submission], doctors: dict[str, Practitioner]
    ) -> None:
        """Take the claims of one file."""
        self.submissions = submissions
        self.doctors = doctors
        self.facility = submissions[0].facility
        self.kind = submissions[0].kind
        is_institutional = self.kind == "I"
        self.segments = Segments(
            self.facility.institutional
            if is_institutional
            else self.facility.professional
        )

    def build(self, envelope: Envelope) -> bytes:
        """Return the bytes of the file."""
        self._header(envelope)
        for number, submission in enumerate(self.submissions, start=2):
            self._subscriber(number, submission)
            self._claim(submission)
            for line_number, line in enumerate(submission.lines, start=1):
                self._line(submission, line_number, line)
        return self.segments.interchange(envelope)

    def _header(self, envelope: Envelope) -> None:
        add = self.segments.add
        number = reference(self.submissions[0], envelope)
        add("BHT", "0019", "00", number, day(envelope.sent_on), "0600", "CH")
        add(
            "NM1",
            "41",
            "2",
            self._billing_name(),
            "",
            "",
            "",
            "",
            "46",
            envelope.sender,
        )
        add("PER", "IC", "BILLING OFFICE", "TE", "5555550100")
        add("NM1", "40", "2", CLEARINGHOUSE, "", "", "", "", "46", CLEARINGHOUSE)
        add("HL", "1", "", "20", "1")
        npi = self.submissions[0].claim.billing_npi
        add("NM1", "85", "2", self._billing_name(), "", "", "", "", "XX", npi)
        add("N3", f"{self.facility.number}00 HOSPITAL WAY")
        add("N4", self.facility.city, "MA", "019010000")
        add("REF", "EI", self.facility.tax_id)

    def _billing_name(self) -> str:
        suffix = "" if self.kind == "I" else " PHYSICIANS"
        return plain(self.facility.name) + suffix

    def _subscriber(self, number: int, submission: Submission) -> None:
        add = self.segments.add
        patient, payer = submission.encounter.patient, submission.payer
        add("HL", str(number), "1", "22", "0")
        self._coverage(submission.payer_sequence, payer)
        name_patient(self.segments, "IL", patient, member_id(submission))
        address_patient(self.segments, patient)
        self._payer(payer)

    def _coverage(self, sequence: str, payer: Payer) -> None:
        empty = [""] * 6
        self.segments.add("SBR", sequence, "18", *empty, payer.filing_indicator)

    def _payer(self, payer: Payer) -> None:
        name, payer_id = (
            native_name(payer, self.facility),
            native_id(payer, self.facility),
        )
        self.segments.add("NM1", "PR", "2", name, "", "", "", "", "PI", payer_id)

    def _claim(self, submission: Submission) -> None:
        add, encounter = self.segments.add, submission.encounter
        if self.kind == "I":
            kind, qualifier = ("11" if encounter.is_inpatient else "13"), "A"
        else:
            kind, qualifier = place_of_service(encounter), "B"
        bill_type = self.segments.composite(kind, qualifier, submission.frequency)
        account, charge = encounter.account_number, text(submission.charge)
        if self.kind == "I":
            add("CLM", account, charge, "", "", bill_type, "", "A", "Y", "Y")
            self._institutional_dates(submission)
        else:
            add("CLM", account, charge, "", "", bill_type, "Y", "A", "Y", "Y")
            if encounter.is_inpatient:
                add("DTP", "435", "D8", day(encounter.first_day))
        if submission.prior_number:
            add("REF", "F8", submission.prior_number)
        add("REF", "EA", encounter.patient.record_number)
        self._codes(submission)
        self._doctor(submission)
        if submission.earlier:
            self._earlier_payer(submission, submission.earlier)

    def _earlier_payer(self, submission: Submission, earlier: EarlierPayer) -> None:
        """Add what the payer before this one decided on the whole claim."""
        add, patient = self.segments.add, submission.encounter.patient
        self._coverage(earlier.payer_sequence, earlier.payer)
        add_adjustments(self.segments, earlier.adjustments)
        add("AMT", "D", text(earlier.paid))
        add("OI", "", "", "Y", "", "", "Y")
        name_patient(self.segments, "IL", patient, patient.member_id)
        self._payer(earlier.payer)
        if not earlier.lines:
            add("DTP", "573", "D8", day(earlier.paid_on))
        add("REF", "F8", earlier.payer_number)

    def _earlier_line(self, line: ChargeLine, number: int, told: EarlierPayer) -> None:
        """Add what the payer before this one decided on one line."""
        add, decided = self.segments.add, told.lines[number - 1]
        payer_id = native_id(told.payer, self.facility)
        code = service_code(self.segments, line) if line.procedure_code else ""
        measure = (line.revenue_code, str(line.quantity))
        add("SVD", payer_id, text(decided.paid), code, *measure)
        add_adjustments(self.segments, decided.adjustments)
        add("DTP", "573", "D8", day(told.paid_on))

    def _institutional_dates(self, submission: Submission) -> None:
        add = self.segments.add
        encounter = submission.encounter
        first, last = submission.statement_from, submission.statement_through
        period = f"{day(first)}-{day(last)}"
        add("DTP", "434", "RD8", period)
        if encounter.is_inpatient:
            add("DTP", "435", "DT", encounter.start.strftime("%Y%m%d%H%M"))
        is_planned = bool(encounter.stay and encounter.stay.kind != "medical")
        disposition = encounter.stay.disposition if encounter.stay else "01"
        if submission.frequency in {FIRST_INTERIM, NEXT_INTERIM}:
            disposition = STILL_A_PATIENT
        add(
            "CL1",
            "3" if is_planned or not encounter.is_inpatient else "1",
            "1",
            disposition,
        )

    def _codes(self, submission: Submission) -> None:
        """Add diagnoses, the DRG, procedures and the reason of a change."""
        self._clinical_codes(submission)
        if submission.change_reason and self.kind == "I":
            code = self.segments.composite("BG", submission.change_reason)
            self.segments.add("HI", code)

    def _clinical_codes(self, claim: Submission) -> None:
        join = self.segments.composite
        stay = claim.encounter.stay if self.kind == "I" else None
        present = ("",) * 6 + ("Y",) if stay else ()
        codes = [code.replace(".", "") for code in claim.encounter.diagnoses]
        others = [join("ABF", code, *present) for code in codes[1:]]
        if self.kind == "P":
            self.segments.add("HI", join("ABK", codes[0]), *others)
            return
        self.segments.add("HI", join("ABK", codes[0], *present))
        if stay:
            self.segments.add("HI", join("DR", stay.drg.code))
        if others:
            self.segments.add("HI", *others)
        if stay and stay.procedures:
            on = day(claim.encounter.first_day)
            principal, *rest = stay.procedures
            self.segments.add("HI", join("BBR", principal, "D8", on))
            if rest:
                self.segments.add("HI", *(join("BBQ", code, "D8", on) for code in rest))

    def _doctor(self, submission: Submission) -> None:
        doctor = self.doctors[submission.encounter.practitioner_id]
        role = "71" if self.kind == "I" else "82"
        name = (doctor.family, doctor.given, "", "", "")
        self.segments.add("NM1", role, "1", *name, "XX", doctor.npi)

    def _line(self, submission: Submission, number: int, line: ChargeLine) -> None:
        add, join = self.segments.add, self.segments.composite
        add("LX", str(number))
        procedure = join("HC", line.procedure_code) if line.procedure_code else ""
        charge = text(line.amount)
        measure = (line.unit, str(line.quantity))
        if self.kind == "I":
            add("SV2", line.revenue_code, procedure, charge, *measure)
        else:
            add("SV1", procedure, charge, *measure, "", "", "1")
        add("DTP", "472", "D8", day(line.service_date))
        add("REF", "6R", submission.line_control_number(number))
        if submission.earlier and submission.earlier.lines:
            self._earlier_line(line, number, submission.earlier)


def claim_files(
    courses: Iterable[Course], doctors: dict[str, Practitioner]
) -> Iterator[SentFile]:
    """Yield every 837 file in order, one a facility, kind and day."""
    numbers = ControlNumbers()

    ordered = sorted(
        (submission for course in courses for submission in course.submissions),
        key=lambda each: (claim_file_name(each), each.claim_id, each.number),
    )
    for name, group in groupby(ordered, claim_file_name):
        listed = tuple(group)
        around = envelope(listed[0], numbers.next_for(biller(listed[0].facility)))
        yield SentFile(
            name=name,
            content=ClaimFile(listed, doctors).build(around),
            envelope=around,
            submissions=listed,
        )


def envelope(submission: Submission, control_number: int) -> Envelope:
    """Return the envelope of a submission's file."""
    return Envelope(
        sender=biller(submission.facility),
        receiver=CLEARINGHOUSE,
        control_number=control_number,
        sent_on=submission.sent_on,
        functional_code="HC",
        transaction="837",
        implementation=IMPLEMENTATION[submission.kind],
    )
