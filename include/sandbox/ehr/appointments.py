"""Surgery on the schedule: appointments of theatres, each as it was told over time.

Most cases that can wait are booked weeks ahead; some are moved, and some bookings come
to nothing. A few are for the weeks after the extract. Of one facility messages tell of
them, and no FHIR.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sandbox.care.cases import Case, case_of
from sandbox.care.encounters import Encounter
from sandbox.chance import Chance
from sandbox.ehr.places import area_id, room_id
from sandbox.ehr.visits import ICD10_PCS
from sandbox.extract.period import period
from sandbox.extract.reader import Resource
from sandbox.network.clocks import instant

PLANNED = 0.9
PLANNED_OF = {
    "appendix": 0.0,
    "delivery": 0.0,
    "hip_fracture": 0.0,
    "cesarean": 0.5,
    "stent": 0.6,
}
MOVED = 0.25
WITHOUT_ROOM = 0.15  # bookings that get their room later
IN_VAIN = 0.15  # bookings of another day that came to nothing
STILL_TO_COME = 0.35  # bookings of the weeks after the extract
WEEKS_TO_COME = 3
LENGTH = timedelta(hours=2)
OFF = ("cancelled", "noshow")
HL7_FACILITY = "LGH"  # its theatres' schedule has no FHIR
ICD10_PCS_TABLE = "I10P"  # what HL7 v2 calls ICD-10-PCS


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the schedule said from a moment on."""

    at: datetime
    status: str
    start: datetime
    room: str  # none as long as it has no room


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One appointment of a theatre, and everything that was ever said of it."""

    booking_id: str
    case: Case
    history: tuple[Told, ...]

    @property
    def encounter(self) -> Encounter:
        """The stay of the case, or the one that a further booking follows."""
        return self.case.encounter

    @property
    def placer_id(self) -> str:
        """The number of the one who asked for it, in messages."""
        return f"OR{self._number}"

    @property
    def filler_id(self) -> str:
        """The number of the schedule, in messages."""
        return f"{self.encounter.facility.code}OR{self._number}"

    @property
    def _number(self) -> str:
        is_further = self.booking_id.endswith(("-x", "-n"))
        return self.encounter.account_number + self.booking_id[-2:].upper() * is_further

    @property
    def is_told_by_messages(self) -> bool:
        """Whether messages tell of it, and no FHIR Appointment."""
        return self.encounter.facility.code == HL7_FACILITY

    def as_messages(self) -> "Booking":
        """Return what messages tell: no message says that a case was done."""
        told = tuple(each for each in self.history if each.status != "fulfilled")
        return replace(self, history=told)

    def daily(self) -> Iterator[tuple[Told, date, date | None]]:
        """Yield what was said last on each day by UTC, with it and the next such."""
        last = {told.at.astimezone(UTC).date(): told for told in self.history}
        days = sorted(last)
        for day, until in zip(days, [*days[1:], None], strict=True):
            yield last[day], day, until


def bookings(encounters: Sequence[Encounter]) -> Iterator[Booking]:
    """Yield every booking: of cases, of what came to nothing, of weeks to come."""
    for case in filter(None, map(case_of, encounters)):
        encounter = case.encounter
        chance = Chance("schedule", encounter.encounter_id)
        if not chance.happens(PLANNED_OF.get(case.archetype, PLANNED)):
            continue
        identity = f"appt-{encounter.encounter_id}"
        yield Booking(
            booking_id=identity, case=case, history=tuple(_of_case(case, chance))
        )
        if chance.happens(IN_VAIN):
            history = tuple(_in_vain(case, chance))
            yield Booking(booking_id=f"{identity}-x", case=case, history=history)
        if chance.happens(STILL_TO_COME):
            history = (_to_come(case, chance),)
            yield Booking(booking_id=f"{identity}-n", case=case, history=history)


def _of_case(case: Case, chance: Chance) -> Iterator[Told]:
    start = case.encounter.start.replace(second=0)
    first = start
    if chance.happens(MOVED):
        first = start - timedelta(days=chance.whole(1, 9))
    booked_at = first - timedelta(days=chance.whole(5, 40), minutes=17)
    room = _first_room(case, is_moved=first != start)
    yield Told(at=booked_at, status="booked", start=first, room=room)
    if first != start:
        moved_at = first - timedelta(days=chance.whole(1, 4), minutes=5)
        yield Told(at=moved_at, status="booked", start=start, room=case.room)
    if case.encounter.is_finished:
        yield Told(at=start + LENGTH, status="fulfilled", start=start, room=case.room)


def _first_room(case: Case, *, is_moved: bool) -> str:
    """Return the room that a case has at first: none, or one that it leaves again."""
    chance = Chance("first room", case.encounter.encounter_id)
    if chance.happens(WITHOUT_ROOM):
        return ""
    others = [room for room in case.rooms if room != case.room]
    return chance.pick(others) if is_moved else case.room


def _in_vain(case: Case, chance: Chance) -> Iterator[Told]:
    encounter, room = case.encounter, case.room
    first_room = _first_room(case, is_moved=True)
    start = encounter.start.replace(second=0) + timedelta(days=chance.whole(-20, 20))
    booked_at = start - timedelta(days=chance.whole(9, 40), minutes=23)
    yield Told(at=booked_at, status="booked", start=start, room=first_room)
    other_at = booked_at + timedelta(days=1)
    yield Told(at=other_at, status="booked", start=start, room=room)
    status = chance.pick(OFF)
    off_at = start - timedelta(days=chance.whole(1, 8))
    told_at = start if status == "noshow" else off_at
    yield Told(at=told_at, status=status, start=start, room=room)


def _to_come(case: Case, chance: Chance) -> Told:
    """Return a booking of another day: for the weeks after the extract."""
    encounter = case.encounter
    after = period().last_day - encounter.first_day
    start = encounter.start.replace(second=0) + after
    start += timedelta(days=chance.whole(1, 7 * WEEKS_TO_COME))
    booked_at = start - timedelta(days=chance.whole(7 * WEEKS_TO_COME, 45))
    return Told(at=booked_at, status="booked", start=start, room=case.room)


def appointment_resources(encounters: Sequence[Encounter]) -> Iterator[Resource]:
    """Yield every version of every booking that FHIR tells of, the oldest first."""
    for booking in bookings(encounters):
        if booking.is_told_by_messages:
            continue
        for number, told in enumerate(booking.history, start=1):
            yield _appointment(booking, number, told)


def _appointment(booking: Booking, number: int, told: Told) -> Resource:
    case, encounter = booking.case, booking.encounter
    place = area_id(encounter.facility, encounter.department_code)
    if told.room:
        place = room_id(encounter.facility, told.room)
    planned = {"system": ICD10_PCS, "code": case.procedure_code}
    actors = (
        f"Patient/{encounter.patient.patient_id}",
        f"Practitioner/{case.surgeon_id}",
        f"Location/{place}",
    )
    return {
        "resourceType": "Appointment",
        "id": booking.booking_id,
        "meta": {"versionId": str(number), "lastUpdated": instant(told.at)},
        "status": told.status,
        "serviceType": [{"coding": [planned]}],
        "start": instant(told.start),
        "end": instant(told.start + LENGTH),
        "minutesDuration": int(LENGTH.total_seconds()) // 60,
        "created": instant(booking.history[0].at),
        "participant": [
            {"actor": {"reference": actor}, "status": "accepted"} for actor in actors
        ],
    }
