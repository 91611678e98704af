"""Truth of the schedule: what was known of every booking from which day on."""

from collections.abc import Iterator

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
    "procedure_code",
    "provider_id",
    "status",
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
                booking.case.procedure_code,
                booking.case.surgeon_id,
                told.status,
                told.start.date().isoformat(),
            )
