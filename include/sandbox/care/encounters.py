"""Encounters: the extract's, given a facility, an account, a payer and a DRG."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.chance import Chance
from sandbox.extract.reader import Resource, Stay, coverages, resources, stays
from sandbox.network.clocks import told
from sandbox.network.facilities import (
    DEPARTMENTS,
    FACILITIES,
    FACILITY_BY_CODE,
    Facility,
)
from sandbox.network.payers import BY_EXTRACT_ID, PAYERS, Payer

DEPARTMENT_BY_EXTRACT_ID = {
    f"Organization/dept-{department.extract_id}": department.code
    for department in DEPARTMENTS.values()
}


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A patient with the facility that treats them and their coverage."""

    patient_id: str
    facility: Facility
    payer: Payer
    member_id: str
    record_number: str
    resource: Resource

    @property
    def names(self) -> tuple[str, str]:
        """Family and given name; the latter is empty before a newborn has one."""
        name = self.resource["name"][0]
        return name["family"], next(iter(name.get("given", [])), "")


@dataclass(frozen=True, kw_only=True)
class Encounter:
    """One visit or stay under one account number."""

    encounter_id: str
    patient: Patient
    account_number: str
    encounter_class: str  # AMB, EMER or IMP
    status: str
    department_code: str
    start: datetime
    end: datetime | None
    reason_code: str
    diagnoses: tuple[str, ...]
    practitioner_id: str
    stay: Stay | None
    resource: Resource

    @property
    def facility(self) -> Facility:
        """The facility of the encounter."""
        return self.patient.facility

    @property
    def is_finished(self) -> bool:
        """Whether the encounter has ended."""
        return self.end is not None

    @property
    def is_inpatient(self) -> bool:
        """Whether the encounter is an inpatient stay."""
        return self.encounter_class == "IMP"

    @property
    def first_day(self) -> date:
        """The day the encounter began."""
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The day the encounter ended; the first day while it goes on."""
        return (self.end or self.start).date()

    @property
    def service_line_code(self) -> str:
        """The service line: by DRG for stays, by department for visits."""
        if self.is_inpatient:
            return self.stay.drg.service_line_code if self.stay else "unmapped"
        return DEPARTMENTS[self.department_code].service_line_code


def _moment(facility: Facility, text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(facility.zone)


def patients(seed: int) -> dict[str, Patient]:
    """Return every patient by id, each treated at one facility."""
    weights = {facility.code: facility.patient_weight for facility in FACILITIES}
    covered = coverages()
    made = {}
    for number, resource in enumerate(resources("Patient"), start=1):
        patient_id = resource["id"]
        coverage = covered.get(patient_id)
        facility_code = Chance(seed, "facility", patient_id).weighted(weights)
        record_number = f"{facility_code}M{number:06d}"
        made[patient_id] = Patient(
            patient_id=patient_id,
            facility=FACILITY_BY_CODE[facility_code],
            payer=_payer(coverage) if coverage else PAYERS["SELF_PAY"],
            member_id=coverage["subscriberId"] if coverage else record_number,
            record_number=record_number,
            resource=resource,
        )
    return made


def _payer(coverage: Resource) -> Payer:
    reference: str = coverage["payor"][0]["reference"]
    return BY_EXTRACT_ID[reference.partition("/")[2]]


def _department(resource: Resource, stay: Stay | None) -> str:
    if stay and stay.department_code:
        return stay.department_code
    if resource["class"]["code"] == "EMER":
        return "EMERG"
    return DEPARTMENT_BY_EXTRACT_ID[resource["serviceProvider"]["reference"]]


def _end(facility: Facility, resource: Resource, stay: Stay | None) -> datetime | None:
    if stay and stay.days:
        start = _moment(facility, resource["period"]["start"])
        return start.replace(hour=11, minute=0) + timedelta(days=stay.days)
    end = resource["period"].get("end")
    return _moment(facility, end).replace(microsecond=0) if end else None


def _diagnoses(
    resource: Resource, stay: Stay | None, codes: dict[str, str]
) -> tuple[str, ...]:
    """Return the billed diagnoses, the principal one first."""
    if stay:
        return stay.diagnoses
    listed = [
        codes[entry["condition"]["reference"].partition("/")[2]]
        for entry in resource.get("diagnosis", [])
    ]
    reason = _reason(resource)
    return tuple(dict.fromkeys([reason, *listed] if reason else listed))[:9] or ("R69",)


def _reason(resource: Resource) -> str:
    coding = resource["reasonCode"][0].get("coding") or [{}]
    return str(coding[0].get("code", ""))


def encounters(people: dict[str, Patient]) -> list[Encounter]:
    """Return every encounter in the order in which accounts were opened."""
    codes = {c["id"]: c["code"]["coding"][0]["code"] for c in resources("Condition")}
    listed = resources("Encounter")
    listed.sort(key=lambda resource: (resource["period"]["start"], resource["id"]))
    accounts: Counter[str] = Counter()
    made = []
    for extracted in listed:
        patient = people[extracted["subject"]["reference"].partition("/")[2]]
        facility = patient.facility
        resource = told(facility, extracted)
        stay = stays().get(resource["id"])
        code = facility.code
        accounts[code] += 1
        made.append(
            Encounter(
                encounter_id=resource["id"],
                patient=patient,
                account_number=f"{code}{accounts[code]:07d}",
                encounter_class="IMP" if stay else resource["class"]["code"],
                status=resource["status"],
                department_code=_department(resource, stay),
                start=_moment(facility, resource["period"]["start"]),
                end=_end(facility, resource, stay),
                reason_code=_reason(resource),
                diagnoses=_diagnoses(resource, stay, codes),
                practitioner_id=_practitioner(resource),
                stay=stay,
                resource=resource,
            )
        )
    return made


def _practitioner(resource: Resource) -> str:
    reference: str = resource["participant"][0]["individual"]["reference"]
    return reference.partition("/")[2]
