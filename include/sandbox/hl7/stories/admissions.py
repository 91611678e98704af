"""ADT: an encounter from registration to discharge, with what was taken back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.care.encounters import Encounter
from sandbox.chance import Chance
from sandbox.files.people import Practitioner, practitioners
from sandbox.hl7.event import Event
from sandbox.hl7.segments import pid, pv1
from sandbox.hl7.stories.persons import Identities

UPDATED = 0.08
UPDATED_STAY = 0.6
DISCHARGE_TAKEN_BACK = 0.08
ADMISSION_TAKEN_BACK = 0.01
PHANTOM_ACCOUNT = 900_001
MINUTE = timedelta(minutes=1)
IN_EMERGENCY = 25 * MINUTE


def transferred_at(encounter: Encounter) -> datetime | None:
    """Return when a stay that came in through the emergency department left it."""
    is_unplanned = bool(encounter.stay and encounter.stay.kind == "medical")
    if is_unplanned and encounter.department_code != "EMERG":
        return encounter.start + IN_EMERGENCY
    return None


@dataclass(frozen=True, kw_only=True)
class _Telling:
    """Makes the events of one encounter."""

    encounter: Encounter
    practitioner: Practitioner
    identities: Identities
    chance: Chance

    def event(
        self,
        trigger: str,
        at: datetime,
        *,
        after: int = 1,
        department_code: str = "",
        discharged_at: datetime | None = None,
    ) -> Event:
        """Return one event; it is told `after` minutes later."""
        encounter = self.encounter
        sent_at = at + after * MINUTE
        record_number = self.identities.record_number(encounter.patient, sent_at)
        visit = pv1(
            encounter,
            self.practitioner,
            department_code=department_code,
            discharged_at=discharged_at,
        )
        return Event(
            facility=encounter.facility,
            code="ADT",
            trigger=trigger,
            happened_at=at,
            sent_at=sent_at,
            subject=encounter.account_number,
            segments=(
                pid(encounter.patient, record_number, encounter.account_number),
                visit,
            ),
        )

    def admission(self) -> Iterator[Event]:
        """Yield the registration, once in a while with a false start before it."""
        encounter = self.encounter
        trigger = "A01" if encounter.is_inpatient else "A04"
        if self.chance.happens(ADMISSION_TAKEN_BACK):
            early = encounter.start - 30 * MINUTE
            yield self.event(trigger, early)
            yield self.event("A11", early + 10 * MINUTE)
        first = "EMERG" if transferred_at(encounter) else ""
        yield self.event(trigger, encounter.start, department_code=first)

    def course(self) -> Iterator[Event]:
        """Yield what happens between admission and discharge."""
        encounter = self.encounter
        moved_at = transferred_at(encounter)
        if moved_at:
            yield self.event("A02", moved_at)
        rate = UPDATED_STAY if encounter.is_inpatient else UPDATED
        if self.chance.happens(rate):
            yield self.event("A08", encounter.start + 2 * MINUTE, after=28)

    def discharge(self, end: datetime) -> Iterator[Event]:
        """Yield the discharge; for some stays one that came too early before it."""
        if self.encounter.is_inpatient and self.chance.happens(DISCHARGE_TAKEN_BACK):
            early = end - 120 * MINUTE
            yield self.event("A03", early, discharged_at=early)
            yield self.event("A13", early + 20 * MINUTE)
        yield self.event("A03", end, after=45, discharged_at=end)


def admissions(
    seed: int, encounters: list[Encounter], identities: Identities
) -> Iterator[Event]:
    """Yield every ADT event of the encounters."""
    doctors = practitioners()
    for encounter in encounters:
        telling = _Telling(
            encounter=encounter,
            practitioner=doctors[encounter.practitioner_id],
            identities=identities,
            chance=Chance(seed, "adt", encounter.encounter_id),
        )
        yield from telling.admission()
        yield from telling.course()
        if encounter.end:
            yield from telling.discharge(encounter.end)


def phantoms(encounters: list[Encounter]) -> list[Encounter]:
    """Return visits that were registered by mistake: one a facility, for nobody."""
    made: dict[str, Encounter] = {}
    for encounter in encounters:
        code = encounter.facility.code
        if code not in made and encounter.encounter_class == "AMB":
            account = f"{code}{PHANTOM_ACCOUNT:07d}"
            made[code] = replace(encounter, account_number=account, end=None, stay=None)
    return list(made.values())


def phantom_events(
    phantom_visits: list[Encounter], identities: Identities
) -> Iterator[Event]:
    """Yield their registration and its cancellation."""
    doctors = practitioners()
    for visit in phantom_visits:
        telling = _Telling(
            encounter=visit,
            practitioner=doctors[visit.practitioner_id],
            identities=identities,
            chance=Chance("phantom"),
        )
        yield telling.event("A04", visit.start)
        yield telling.event("A11", visit.start + 15 * MINUTE)
