"""A third of the sandbox's extract, for hospitals of which little has to be posted."""

import csv
import gzip
import json
import shutil
import zlib

from sandbox.extract.reader import EXTRACT, FILES, RESOURCE_TYPES, folder, resources

ONE_OF = 3
"""Of how many patients one is kept."""


def write_small_extract(into):
    """Write the extract of a third of the patients; return its setting."""
    kept = {kind: list(filter(_is_kept, resources(kind))) for kind in RESOURCE_TYPES}
    for kind, listed in kept.items():
        with gzip.open(into / f"{kind}.ndjson.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(each) + "\n" for each in listed)
    _copy_stays(into, {each["id"] for each in kept["Encounter"]})
    for name in FILES:
        if not (into / name).exists():
            shutil.copy(folder() / name, into)
    return {EXTRACT: str(into)}


def _is_kept(resource):
    patient = _patient(resource)
    return not patient or zlib.crc32(patient.encode()) % ONE_OF == 0


def _patient(resource):
    """The id of the patient it is about; empty where it is about none."""
    if resource["resourceType"] == "Patient":
        return resource["id"]
    about = resource.get("subject") or resource.get("beneficiary") or {}
    return about.get("reference", "").removeprefix("Patient/")


def _copy_stays(into, kept):
    with (folder() / "stay.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["encounter_id"] in kept]
    with (into / "stay.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(rows)
