"""SIU: appointments of clinic visits, booked, moved and called off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.care.encounters import Encounter
from sandbox.chance import Chance
from sandbox.files.people import Practitioner, practitioners
from sandbox.hl7.event import Event
from sandbox.hl7.segments import doctor, pid
from sandbox.hl7.stories.persons import Identities
from sandbox.hl7.wire import segment, stamp, style

BOOKED = 0.25
MOVED = 0.2
CALLED_OFF = 0.1
LENGTH = timedelta(minutes=30)
FIRST_NUMBER = 700_001


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """One appointment with every time it was given, the last one standing."""

    encounter: Encounter
    number: int
    starts: tuple[datetime, ...]
    is_called_off: bool

    @property
    def placer_id(self) -> str:
        """The number of the one who asked for it."""
        return f"P{self.number}"

    @property
    def filler_id(self) -> str:
        """The number of the schedule."""
        return f"{self.encounter.facility.code}S{self.number}"

    @property
    def status(self) -> str:
        """What became of it."""
        return "cancelled" if self.is_called_off else "booked"


def appointments(seed: int, encounters: list[Encounter]) -> list[Appointment]:
    """Return the appointments; one that was called off led to no visit."""
    made: list[Appointment] = []
    for encounter in encounters:
        if encounter.encounter_class != "AMB" or encounter.is_inpatient:
            continue
        chance = Chance(seed, "siu", encounter.encounter_id)
        if not chance.happens(BOOKED):
            continue
        starts = [encounter.start.replace(second=0)]
        is_called_off = chance.happens(CALLED_OFF)
        if is_called_off:
            starts = [starts[0] + timedelta(days=chance.whole(3, 9))]
        elif chance.happens(MOVED):
            starts.insert(0, starts[0] - timedelta(days=2, hours=1))
        made.append(
            Appointment(
                encounter=encounter,
                number=FIRST_NUMBER + len(made),
                starts=tuple(starts),
                is_called_off=is_called_off,
            )
        )
    return made


def _segments(
    appointment: Appointment,
    start: datetime,
    status: str,
    practitioner: Practitioner,
    record_number: str,
) -> tuple[str, ...]:
    encounter = appointment.encounter
    facility = encounter.facility
    first, last = stamp(facility, start), stamp(facility, start + LENGTH)
    minutes = str(int(LENGTH.total_seconds()) // 60)
    sch = {
        **{1: appointment.placer_id, 2: appointment.filler_id},
        **{6: "ROUTINE", 7: "CHECKUP", 8: "NORMAL", 9: minutes, 10: "min"},
        **{11: f"^^{minutes}^{first}^{last}", 16: doctor(practitioner), 25: status},
    }
    department = facility.department_codes[encounter.department_code]
    return (
        segment("SCH", sch),
        pid(encounter.patient, record_number),
        segment("PV1", {1: "1", 2: "O", 10: department}),
        segment("RGS", {1: "1", 2: "A"}),
        segment("AIL", {1: "1", 2: "A", 3: f"{department}^^^{facility.code}"}),
        segment(
            "AIP",
            {1: "1", 2: "A", 3: doctor(practitioner), 6: first, 9: minutes, 10: "min"},
        ),
        segment("ZAP", {1: "1", 2: style(facility).application}),
    )


def appointment_events(
    seed: int, listed: list[Appointment], identities: Identities
) -> Iterator[Event]:
    """Yield S12 for each, S13 where it was moved, S15 where it was called off."""
    doctors = practitioners()
    for appointment in listed:
        encounter = appointment.encounter
        chance = Chance(seed, "booking", encounter.encounter_id)
        at = appointment.starts[0] - timedelta(days=chance.whole(3, 9), minutes=37)
        steps = [("S12", "Booked", appointment.starts[0])]
        if len(appointment.starts) > 1:
            steps.append(("S13", "Booked", appointment.starts[-1]))
        if appointment.is_called_off:
            steps.append(("S15", "Cancelled", appointment.starts[-1]))
        for number, (trigger, status, start) in enumerate(steps):
            told_at = at + number * timedelta(hours=26)
            record_number = identities.record_number(encounter.patient, told_at)
            yield Event(
                facility=encounter.facility,
                code="SIU",
                trigger=trigger,
                happened_at=told_at,
                sent_at=told_at,
                subject=appointment.filler_id,
                segments=_segments(
                    appointment,
                    start,
                    status,
                    doctors[encounter.practitioner_id],
                    record_number,
                ),
            )
