"""Truth tables of the HL7 feed: the visits, beds and appointments that it folds to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from sandbox.care.encounters import Encounter
from sandbox.ehr.appointments import LENGTH as SURGERY_LENGTH
from sandbox.files.table import write_table
from sandbox.hl7.feed import Feed
from sandbox.hl7.segments import CLASSES
from sandbox.hl7.stories.admissions import transferred_at
from sandbox.hl7.stories.appointments import LENGTH
from sandbox.network.clocks import instant

Row = tuple[object, ...]

VISIT_COLUMNS = (
    "facility_code",
    "account_number",
    "encounter_id",
    "patient_class",
    "status",
    "admitted_at",
    "admitted_date",
    "discharged_at",
    "discharged_date",
    "discharge_disposition",
    "department_native_code",
    "record_number",
)
APPOINTMENT_COLUMNS = (
    "facility_code",
    "placer_id",
    "filler_id",
    "status",
    "starts_at",
    "starts_date",
    "ends_at",
)
BED_COLUMNS = (
    "encounter_id",
    "facility_code",
    "department_code",
    "bed_hours",
    "entered_at",
    "entered_date",
    "left_at",
)
HOUR = 3600
FOUR_PLACES = Decimal("0.0001")


def _hours(start: datetime, end: datetime) -> Decimal:
    """Return the hours between two moments, with four decimals."""
    seconds = Decimal(
        int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds())
    )
    return (seconds / HOUR).quantize(FOUR_PLACES, ROUND_HALF_UP)


def bed_rows(encounters: list[Encounter]) -> Iterator[Row]:
    """Yield one row a unit that an inpatient was in; hours add up to the stay."""
    for encounter in encounters:
        if not encounter.is_inpatient:
            continue
        start, end, moved_at = encounter.start, encounter.end, transferred_at(encounter)
        units = [(encounter.department_code, moved_at or start, end)]
        if moved_at:
            units.insert(0, ("EMERG", start, moved_at))
        for department_code, entered_at, left_at in units:
            yield (
                encounter.encounter_id,
                encounter.facility.code,
                department_code,
                _hours(start, left_at) - _hours(start, entered_at) if left_at else "",
                instant(entered_at),
                entered_at.date().isoformat(),
                instant(left_at) if left_at else "",
            )


def _visit(encounter: Encounter, encounter_id: str, status: str) -> Row:
    disposition = encounter.stay.disposition if encounter.stay else "01"
    return (
        encounter.facility.code,
        encounter.account_number,
        encounter_id,
        CLASSES[encounter.encounter_class],
        status,
        instant(encounter.start),
        encounter.first_day.isoformat(),
        instant(encounter.end) if encounter.end else "",
        encounter.last_day.isoformat() if encounter.end else "",
        disposition if encounter.end else "",
        encounter.facility.department_codes[encounter.department_code],
        encounter.patient.record_number,
    )


def visit_rows(encounters: list[Encounter], feed: Feed) -> Iterator[Row]:
    """Yield one row a visit; one without an encounter was cancelled."""
    for encounter in encounters:
        status = "finished" if encounter.is_finished else "in_progress"
        yield _visit(encounter, encounter.encounter_id, status)
    for phantom in feed.phantoms:
        yield _visit(phantom, "", "cancelled")


def appointment_rows(feed: Feed) -> Iterator[Row]:
    """Yield one row an appointment with the time that it was last given."""
    for appointment in feed.appointments:
        start = appointment.starts[-1]
        yield (
            appointment.encounter.facility.code,
            appointment.placer_id,
            appointment.filler_id,
            appointment.status,
            instant(start),
            start.date().isoformat(),
            instant(start + LENGTH),
        )
    for booking in feed.surgery:
        last = booking.history[-1]
        yield (
            booking.encounter.facility.code,
            booking.placer_id,
            booking.filler_id,
            "no_show" if last.status == "noshow" else last.status,
            instant(last.start),
            last.start.date().isoformat(),
            instant(last.start + SURGERY_LENGTH),
        )


def write_visits(
    encounters: list[Encounter], feed: Feed, folder: Path
) -> dict[str, int]:
    """Write the tables and return the number of rows by name."""
    visits = write_table(
        folder / "visits.csv", VISIT_COLUMNS, visit_rows(encounters, feed)
    )
    beds = write_table(folder / "bed.csv", BED_COLUMNS, bed_rows(encounters))
    booked = write_table(
        folder / "appointments.csv", APPOINTMENT_COLUMNS, appointment_rows(feed)
    )
    return {"visits": visits, "bed": beds, "appointments": booked}
