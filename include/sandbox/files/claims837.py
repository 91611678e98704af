"""837 files: a facility's claims of a week, institutional or professional."""

from collections.abc import Iterator
from itertools import groupby

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.billing.professional_charges import place_of_service
from sandbox.files.people import Practitioner, address_patient, name_patient
from sandbox.files.x12 import ControlNumbers, Envelope, Segments, day, plain
from sandbox.money import text
from sandbox.network.payers import native_id, native_name

IMPLEMENTATION = {"I": "005010X223A2", "P": "005010X222A1"}
CLEARINGHOUSE = "CLEARINGHOUSE"


def sender(claim: Claim) -> str:
    """Return the sender id of a facility's claims."""
    return f"{claim.facility.code}BILLING"


class ClaimFile:
    """Builds one transaction set of claims that share facility, kind and week."""

    def __init__(self, claims: list[Claim], doctors: dict[str, Practitioner]) -> None:
        """Take the claims of one file."""
        self.claims = claims
        self.doctors = doctors
        self.facility = claims[0].facility
        self.kind = claims[0].kind
        is_institutional = self.kind == "I"
        self.segments = Segments(
            self.facility.institutional
            if is_institutional
            else self.facility.professional
        )

    def build(self, envelope: Envelope) -> bytes:
        """Return the bytes of the file."""
        self._header(envelope)
        for number, claim in enumerate(self.claims, start=2):
            self._subscriber(number, claim)
            self._claim(claim)
            for line_number, line in enumerate(claim.lines, start=1):
                self._line(claim, line_number, line)
        return self.segments.interchange(envelope)

    def _header(self, envelope: Envelope) -> None:
        add = self.segments.add
        reference = f"{self.facility.code}{self.kind}{envelope.control_number:06d}"
        add("BHT", "0019", "00", reference, day(envelope.sent_on), "0600", "CH")
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
        npi = self.claims[0].billing_npi
        add("NM1", "85", "2", self._billing_name(), "", "", "", "", "XX", npi)
        add("N3", f"{self.facility.number}00 HOSPITAL WAY")
        add("N4", self.facility.city, "MA", "019010000")
        add("REF", "EI", self.facility.tax_id)

    def _billing_name(self) -> str:
        suffix = "" if self.kind == "I" else " PHYSICIANS"
        return plain(self.facility.name) + suffix

    def _subscriber(self, number: int, claim: Claim) -> None:
        add = self.segments.add
        patient = claim.encounter.patient
        payer = patient.payer
        add("HL", str(number), "1", "22", "0")
        add("SBR", "P", "18", "", "", "", "", "", "", payer.filing_indicator)
        name_patient(self.segments, "IL", patient)
        address_patient(self.segments, patient)
        payer_name, payer_id = (
            native_name(payer, self.facility),
            native_id(payer, self.facility),
        )
        add("NM1", "PR", "2", payer_name, "", "", "", "", "PI", payer_id)

    def _claim(self, claim: Claim) -> None:
        encounter = claim.encounter
        if self.kind == "I":
            kind, qualifier = ("11" if encounter.is_inpatient else "13"), "A"
        else:
            kind, qualifier = place_of_service(encounter), "B"
        bill_type = self.segments.composite(kind, qualifier, "1")
        account, charge = encounter.account_number, text(claim.charge)
        if self.kind == "I":
            self.segments.add(
                "CLM", account, charge, "", "", bill_type, "", "A", "Y", "Y"
            )
            self._institutional_dates(claim)
        else:
            self.segments.add(
                "CLM", account, charge, "", "", bill_type, "Y", "A", "Y", "Y"
            )
            if encounter.is_inpatient:
                self.segments.add("DTP", "435", "D8", day(encounter.first_day))
        self.segments.add("REF", "EA", encounter.patient.record_number)
        self._codes(claim)
        self._doctor(claim)

    def _institutional_dates(self, claim: Claim) -> None:
        add = self.segments.add
        encounter = claim.encounter
        period = f"{day(claim.statement_from)}-{day(claim.statement_through)}"
        add("DTP", "434", "RD8", period)
        if encounter.is_inpatient:
            add("DTP", "435", "DT", encounter.start.strftime("%Y%m%d%H%M"))
        is_planned = bool(encounter.stay and encounter.stay.kind != "medical")
        disposition = encounter.stay.disposition if encounter.stay else "01"
        add(
            "CL1",
            "3" if is_planned or not encounter.is_inpatient else "1",
            "1",
            disposition,
        )

    def _codes(self, claim: Claim) -> None:
        """Add diagnoses, the DRG and procedures."""
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

    def _doctor(self, claim: Claim) -> None:
        doctor = self.doctors[claim.encounter.practitioner_id]
        role = "71" if self.kind == "I" else "82"
        name = (doctor.family, doctor.given, "", "", "")
        self.segments.add("NM1", role, "1", *name, "XX", doctor.npi)

    def _line(self, claim: Claim, number: int, line: ChargeLine) -> None:
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
        add("REF", "6R", claim.line_control_number(number))


def claim_files(
    claims: list[Claim], doctors: dict[str, Practitioner]
) -> Iterator[tuple[str, bytes, list[Claim]]]:
    """Yield every 837 file as (name, bytes, claims), one a facility, kind and week."""
    numbers = ControlNumbers()

    def key(claim: Claim) -> tuple[str, str, str]:
        return claim.facility.code, claim.kind, day(claim.submitted_on)

    ordered = sorted(claims, key=lambda claim: (*key(claim), claim.claim_id))
    for (facility_code, kind, submitted), group in groupby(ordered, key):
        listed = list(group)
        name = f"{facility_code}_837{kind}_{submitted}.edi"
        number = numbers.next_for(sender(listed[0]))
        yield (
            name,
            ClaimFile(listed, doctors).build(envelope(listed[0], number)),
            listed,
        )


def envelope(claim: Claim, control_number: int) -> Envelope:
    """Return the envelope of a claim's file."""
    return Envelope(
        sender=sender(claim),
        receiver=CLEARINGHOUSE,
        control_number=control_number,
        sent_on=claim.submitted_on,
        functional_code="HC",
        transaction="837",
        implementation=IMPLEMENTATION[claim.kind],
    )
