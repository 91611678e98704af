"""Truth of the schedule and of surgery.

What was known of every booking from which day on, and where each case took place.
"""

from collections.abc import Iterator

from sandbox.care.cases import case_of
from sandbox.ehr.appointments import bookings
from sandbox.hospital import Hospital
from sandbox.network.cost_centers import cost_center_code, store_code
from sandbox.network.facilities import DEPARTMENTS

COLUMNS = (
    "booking_id",
    "known_from",
    "known_to",
    "facility_code",
    "location_code",
    "operating_room_code",
    "procedure_code",
    "provider_id",
    "status",
    "case_date",
)
CASE_COLUMNS = (
    "encounter_id",
    "facility_code",
    "operating_room_code",
    "procedure_code",
    "provider_id",
    "case_date",
)
Row = tuple[object, ...]


def schedule_rows(hospital: Hospital) -> Iterator[Row]:
    """Yield one row a booking and period in which it said the same."""
    for each in bookings(hospital.encounters):
        booking = each.as_messages() if each.is_told_by_messages else each
        facility = booking.encounter.facility.code
        number = DEPARTMENTS[booking.encounter.department_code].cost_center_number
        for told, since, until in booking.daily():
            yield (
                booking.filler_id if each.is_told_by_messages else each.booking_id,
                since.isoformat(),
                until.isoformat() if until else "",
                facility,
                store_code(cost_center_code(facility, number)),
                told.room,
                booking.case.procedure_code,
                booking.case.surgeon_id,
                told.status,
                told.start.date().isoformat(),
            )


def case_rows(hospital: Hospital) -> Iterator[Row]:
    """Yield one row a case that took place."""
    for case in filter(None, map(case_of, hospital.encounters)):
        encounter = case.encounter
        yield (
            encounter.encounter_id,
            encounter.facility.code,
            case.room,
            case.procedure_code,
            case.surgeon_id,
            encounter.start.date().isoformat(),
        )
