"""Practitioners, their roles, patients and coverages."""

from collections.abc import Iterator

from sandbox.care.encounters import Patient
from sandbox.ehr.places import NPI_SYSTEM, facility_reference, manager_reference
from sandbox.extract.reader import Resource, resources
from sandbox.files.people import practitioners
from sandbox.network.facilities import FACILITIES
from sandbox.network.payers import organization_id


def practitioner_resources() -> Iterator[Resource]:
    """Yield the network's practitioners, each with an NPI."""
    for practitioner in practitioners().values():
        resource = dict(practitioner.resource)
        identifier = {"system": NPI_SYSTEM, "value": practitioner.npi}
        resource["identifier"] = [identifier, *resource["identifier"]]
        yield resource


def roles() -> Iterator[Resource]:
    """Yield every role once a facility."""
    for facility in FACILITIES:
        for resource in resources("PractitionerRole"):
            manager = manager_reference(facility, resource["organization"]["reference"])
            role = {**resource, "id": f"{facility.prefix}-{resource['id']}"}
            role["organization"] = {
                "reference": manager or facility_reference(facility)
            }
            role["location"] = [
                {"reference": f"Location/{facility.prefix}-loc-hospital-main"}
            ]
            yield role


def patient_resources(patients: dict[str, Patient]) -> Iterator[Resource]:
    """Yield the patients with the record number of their facility."""
    for patient in patients.values():
        facility = patient.facility
        resource = dict(patient.resource)
        record_number, *_ = resource["identifier"]
        resource["identifier"] = [
            {
                **record_number,
                "system": f"urn:{facility.prefix}:record-number",
                "value": patient.record_number,
                "assigner": {"reference": facility_reference(facility)},
            }
        ]
        resource["managingOrganization"] = {"reference": facility_reference(facility)}
        yield resource


def coverages(patients: dict[str, Patient]) -> Iterator[Resource]:
    """Yield the coverages with the payer as the patient's facility knows it."""
    for resource in resources("Coverage"):
        patient = patients[resource["beneficiary"]["reference"].partition("/")[2]]
        payer = organization_id(patient.payer, patient.facility)
        yield {**resource, "payor": [{"reference": f"Organization/{payer}"}]}
