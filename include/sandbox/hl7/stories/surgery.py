"""SIU: surgery of a facility whose theatres' schedule speaks HL7 v2 only."""

from collections.abc import Iterator, Sequence

from sandbox.care.encounters import Encounter
from sandbox.ehr.appointments import (
    ICD10_PCS_TABLE,
    LENGTH,
    Booking,
    Told,
    bookings,
)
from sandbox.files.people import Practitioner, practitioners
from sandbox.hl7.event import Event
from sandbox.hl7.segments import doctor, pid
from sandbox.hl7.stories.persons import Identities
from sandbox.hl7.wire import segment, stamp, style

TRIGGERS = {
    "booked": ("S12", "Booked"),
    "cancelled": ("S15", "Cancelled"),
    "noshow": ("S26", "Noshow"),
}
MOVED = ("S13", "Booked")


def surgery(encounters: Sequence[Encounter]) -> list[Booking]:
    """Return the bookings that are told by messages, as messages tell them."""
    return [
        booking.as_messages()
        for booking in bookings(encounters)
        if booking.is_told_by_messages
    ]


def surgery_events(listed: Sequence[Booking], known: Identities) -> Iterator[Event]:
    """Yield S12 for each, S13 where it was moved, S15 or S26 where it came to none."""
    doctors = practitioners()
    for booking in listed:
        for number, told in enumerate(booking.history):
            is_moved = bool(number) and told.status == "booked"
            trigger, status = MOVED if is_moved else TRIGGERS[told.status]
            patient = booking.encounter.patient
            yield Event(
                facility=booking.encounter.facility,
                code="SIU",
                trigger=trigger,
                happened_at=told.at,
                sent_at=told.at,
                subject=booking.filler_id,
                segments=_segments(
                    booking,
                    told,
                    status,
                    doctors[booking.case.surgeon_id],
                    pid(patient, known.record_number(patient, told.at)),
                ),
            )


def _segments(
    booking: Booking, told: Told, status: str, surgeon: Practitioner, patient: str
) -> tuple[str, ...]:
    facility = booking.encounter.facility
    first, last = stamp(facility, told.start), stamp(facility, told.start + LENGTH)
    minutes = str(int(LENGTH.total_seconds()) // 60)
    sch = {
        **{1: booking.placer_id, 2: booking.filler_id},
        **{6: "ELECTIVE", 7: "SURGERY", 8: "NORMAL", 9: minutes, 10: "min"},
        **{11: f"^^{minutes}^{first}^{last}", 16: doctor(surgeon), 25: status},
    }
    department = facility.department_codes[booking.encounter.department_code]
    place = f"{department}^{told.room}^^{facility.code}"
    planned = f"{booking.case.procedure_code}^^{ICD10_PCS_TABLE}"
    return (
        segment("SCH", sch),
        patient,
        segment("PV1", {1: "1", 2: "P", 10: department}),
        segment("RGS", {1: "1", 2: "A"}),
        segment("AIS", {1: "1", 2: "A", 3: planned, 4: first, 7: minutes, 8: "min"}),
        segment("AIL", {1: "1", 2: "A", 3: place}),
        segment(
            "AIP",
            {1: "1", 2: "A", 3: doctor(surgeon), 6: first, 9: minutes, 10: "min"},
        ),
        segment("ZAP", {1: "1", 2: style(facility).application}),
    )
