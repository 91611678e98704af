"""The EHR's export folder: one NDJSON file a resource type, every version a line."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandbox.care.encounters import Encounter
from sandbox.care.requests import requests
from sandbox.ehr import persons, places, visits
from sandbox.ehr.appointments import appointment_resources
from sandbox.ehr.supply_deliveries import supply_deliveries
from sandbox.ehr.supply_requests import supply_requests
from sandbox.extract.reader import Resource, resources
from sandbox.hospital import Hospital


def _administrations(encounters: list[Encounter]) -> Iterator[Resource]:
    """Yield the doses without the order, which the extract does not hold."""
    for resource in visits.charted("MedicationAdministration", encounters):
        resource.pop("request", None)
        yield resource


def _devices() -> Iterator[Resource]:
    for resource in resources("Device"):
        if "owner" in resource:
            resource["owner"] = {"reference": "Organization/facility-mvh"}
        yield resource


def _by_type(hospital: Hospital) -> dict[str, Iterable[Resource]]:
    return {
        "Organization": places.organizations(),
        "Location": places.locations(),
        "Practitioner": persons.practitioner_resources(),
        "PractitionerRole": persons.roles(),
        "Patient": persons.patient_resources(hospital.patients),
        "Coverage": persons.coverages(hospital.patients),
        "Encounter": visits.encounter_resources(hospital.encounters),
        "Condition": visits.conditions(hospital.encounters),
        "Procedure": visits.procedures(hospital.encounters),
        "MedicationAdministration": _administrations(hospital.encounters),
        "Device": _devices(),
        "Appointment": appointment_resources(hospital.encounters),
        "SupplyRequest": supply_requests(requests(hospital.usages)),
        "SupplyDelivery": supply_deliveries(hospital.usages),
    }


def write_ehr(hospital: Hospital, folder: Path) -> Counter[str]:
    """Write the folder and return the number of resources by type."""
    counts: Counter[str] = Counter()
    for resource_type, listed in _by_type(hospital).items():
        with (folder / f"{resource_type}.ndjson").open(
            "w", encoding="utf-8", newline=""
        ) as file:
            for resource in listed:
                file.write(
                    json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
                )
                file.write("\n")
                counts[resource_type] += 1
    return counts
