"""Truth tables of the HL7 feed: the visits and appointments that it folds to."""

from collections.abc import Iterator
from pathlib import Path

from sandbox.care.encounters import Encounter
from sandbox.ehr.visits import instant
from sandbox.files.table import write_table
from sandbox.hl7.feed import Feed
from sandbox.hl7.segments import CLASSES
from sandbox.hl7.stories.appointments import LENGTH

Row = tuple[object, ...]

VISIT_COLUMNS = (
    "facility_code",
    "account_number",
    "encounter_id",
    "patient_class",
    "status",
    "admitted_at",
    "discharged_at",
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
    "ends_at",
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
        instant(encounter.end) if encounter.end else "",
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
            instant(start + LENGTH),
        )


def write_visits(
    encounters: list[Encounter], feed: Feed, folder: Path
) -> dict[str, int]:
    """Write both tables and return the number of rows by name."""
    visits = write_table(
        folder / "visits.csv", VISIT_COLUMNS, visit_rows(encounters, feed)
    )
    booked = write_table(
        folder / "appointments.csv", APPOINTMENT_COLUMNS, appointment_rows(feed)
    )
    return {"visits": visits, "appointments": booked}
