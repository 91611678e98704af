"""The defects that every generation contains, with the outcome that each must have."""

import shutil
from pathlib import Path

from sandbox.files.table import write_table

COLUMNS = (
    "defect_code",
    "source",
    "file_name",
    "resource_type",
    "locator",
    "expected_class",
    "expected_outcome",
)
TRUNCATED = (
    '{"resourceType":"MedicationAdministration","id":"mar-cut-short","status":"completed",'
    '"medicationCodeableConcept":{"text":"Aspi'
)
MALFORMED = (
    '{"resourceType":"Device","id":"dev-malformed","status":"active","type":"Pump"}\n'
)
DUPLICATED_FILE = "MVH_837I_20260209.edi"
DUPLICATE_NAME = "MVH_837I_20260209_resent.edi"

Row = tuple[str, ...]


def _append(path: Path, content: str) -> str:
    """Append to a file and return where the addition begins."""
    start = path.stat().st_size
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(content)
    return f"byte {start}"


def plant(sandbox: Path) -> int:
    """Plant every defect, list them with the truth, and return their number."""
    administrations = sandbox / "ehr" / "MedicationAdministration.ndjson"
    devices = sandbox / "ehr" / "Device.ndjson"
    billing = sandbox / "billing"
    shutil.copyfile(billing / DUPLICATED_FILE, billing / DUPLICATE_NAME)
    rows: list[Row] = [
        (
            "truncated_line",
            "ehr",
            administrations.name,
            "MedicationAdministration",
            _append(administrations, TRUNCATED),
            "TRUNCATED_RECORD",
            "the last line is quarantined, every other line lands",
        ),
        (
            "malformed_resource",
            "ehr",
            devices.name,
            "Device",
            _append(devices, MALFORMED),
            "CONTRACT_DRIFT",
            "the resource is quarantined, every other one lands",
        ),
        (
            "duplicate_file",
            "billing",
            DUPLICATE_NAME,
            "837.claim",
            f"same bytes as {DUPLICATED_FILE}",
            "DUP_FILE",
            "no record, the file is logged as a duplicate",
        ),
    ]
    return write_table(sandbox / "truth" / "defects.csv", COLUMNS, rows)
