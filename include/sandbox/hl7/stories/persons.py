"""Persons: who is announced, updated and merged, and under which number when."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.care.encounters import Encounter, Patient
from sandbox.chance import Chance
from sandbox.hl7.event import Event
from sandbox.hl7.segments import mrg, pid
from sandbox.network.facilities import Facility

ANNOUNCED = 0.05
UPDATED = 0.04
MERGED_FACILITY = "MVH"
MERGED_VISITS = 3


@dataclass(frozen=True, kw_only=True)
class Identities:
    """The record numbers of patients over time: one patient had another at first."""

    merged: Patient
    merged_at: datetime

    @property
    def former_number(self) -> str:
        """The number that the merged patient was registered under by mistake."""
        return f"{self.merged.facility.code}T{self.merged.record_number[-6:]}"

    def record_number(self, patient: Patient, at: datetime) -> str:
        """Return the number that a patient is known by at a moment."""
        if patient is self.merged and at < self.merged_at:
            return self.former_number
        return patient.record_number


def identities(encounters: list[Encounter]) -> Identities:
    """Choose who was registered twice: a patient of several visits."""
    own = [each for each in encounters if each.facility.code == MERGED_FACILITY]
    visits = Counter(each.patient.patient_id for each in own)
    chosen = min(name for name, count in visits.items() if count >= MERGED_VISITS)
    mine = [each for each in own if each.patient.patient_id == chosen]
    first_end = mine[0].end or mine[0].start
    return Identities(merged=mine[0].patient, merged_at=first_end + timedelta(hours=20))


def _person(facility: Facility, trigger: str, at: datetime, *lines: str) -> Event:
    return Event(
        facility=facility,
        code="ADT",
        trigger=trigger,
        happened_at=at,
        sent_at=at + timedelta(minutes=1),
        subject=lines[0],
        segments=lines,
    )


def person_events(
    seed: int, encounters: list[Encounter], known: Identities
) -> Iterator[Event]:
    """Yield A28 and A31 of some patients, and the A40 of the one merged."""
    patient, facility = known.merged, known.merged.facility
    yield _person(
        facility,
        "A40",
        known.merged_at,
        pid(patient, patient.record_number),
        mrg(facility, known.former_number),
    )
    seen = {patient.patient_id}
    for encounter in encounters:
        person = encounter.patient
        if person.patient_id in seen:
            continue
        seen.add(person.patient_id)
        chance = Chance(seed, "person", person.patient_id)
        told = pid(person, person.record_number)
        if chance.happens(ANNOUNCED):
            before = encounter.start - timedelta(minutes=90)
            yield _person(encounter.facility, "A28", before, told)
        if chance.happens(UPDATED):
            after = encounter.start + timedelta(hours=30)
            yield _person(encounter.facility, "A31", after, told)
