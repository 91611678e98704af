"""Reads the extract: FHIR resources, inpatient stays and their DRGs.

A process reads one extract: the bundled one, or the folder that EXTRACT names.
"""

import csv
import gzip
import json
import os
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

Resource = dict[str, Any]

EXTRACT = "LEDGERLINE_SANDBOX_EXTRACT"
BUNDLED = Path(__file__).parent
RESOURCE_TYPES = (
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "Encounter",
    "Condition",
    "Procedure",
    "Coverage",
    "MedicationAdministration",
    "Device",
)
FILES = (*(f"{kind}.ndjson.gz" for kind in RESOURCE_TYPES), "stay.csv", "drg.csv")


@dataclass(frozen=True, kw_only=True)
class Drg:
    """An MS-DRG with its FY2026 weight, mean stay and service line."""

    code: str
    drg_type: str
    weight: Decimal
    mean_days: Decimal  # geometric
    service_line_code: str


@dataclass(frozen=True, kw_only=True)
class Stay:
    """What the sandbox knows better than the extract about an inpatient stay."""

    encounter_id: str
    kind: str  # medical, surgical or delivery
    archetype: str
    department_code: str  # empty: as the extract says
    days: int  # 0: as the extract says
    diagnoses: tuple[str, ...]  # the principal one first
    procedures: tuple[str, ...]
    disposition: str
    drg: Drg


def service_line_code(name: str) -> str:
    """Return the code of a service line's display name."""
    if name == "Unassigned":
        return "unmapped"
    words = re.sub(r"[&']", "", name).lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")


def folder() -> Path:
    """Return the folder of the extract."""
    return Path(os.environ.get(EXTRACT) or BUNDLED)


def resources(resource_type: str) -> list[Resource]:
    """Return every resource of a type, parsed afresh, in the order of its id."""
    parsed = [json.loads(line) for line in _lines(folder(), resource_type)]
    return sorted(parsed, key=lambda resource: str(resource["id"]))


def coverages() -> dict[str, Resource]:
    """Return the newest coverage of each patient who has one, by patient id."""
    listed = sorted(resources("Coverage"), key=lambda each: each["period"]["start"])
    return {each["beneficiary"]["reference"].partition("/")[2]: each for each in listed}


@cache
def scale() -> Fraction:
    """Return how many times the encounters of the bundled extract this one has."""
    own, bundled = (len(_lines(place, "Encounter")) for place in (folder(), BUNDLED))
    return Fraction(own, bundled)


def _lines(place: Path, resource_type: str) -> list[str]:
    with gzip.open(
        place / f"{resource_type}.ndjson.gz", "rt", encoding="utf-8"
    ) as lines:
        return list(lines)


def _rows(name: str) -> list[dict[str, str]]:
    with (folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def drgs() -> dict[str, Drg]:
    """Return the DRGs of the stays by code."""
    return {
        row["ms_drg"]: Drg(
            code=row["ms_drg"],
            drg_type=row["drg_type"],
            weight=Decimal(row["relative_weight"]),
            mean_days=Decimal(row["geometric_mean_los"]),
            service_line_code=service_line_code(row["service_line_name"]),
        )
        for row in _rows("drg.csv")
    }


@cache
def stays() -> dict[str, Stay]:
    """Return the finished inpatient stays by encounter id."""
    return {
        row["encounter_id"]: Stay(
            encounter_id=row["encounter_id"],
            kind=row["kind"],
            archetype=row["archetype"],
            department_code=row["department_code"],
            days=int(row["days"] or 0),
            diagnoses=(row["principal_diagnosis"], *row["secondary_diagnoses"].split()),
            procedures=tuple(row["procedures"].split()),
            disposition=row["disposition"],
            drg=drgs()[row["ms_drg"]],
        )
        for row in _rows("stay.csv")
    }
