"""Names and identifiers of the people on a claim, as X12 writes them."""

from dataclasses import dataclass

from sandbox.care.encounters import Patient
from sandbox.extract.reader import Resource, resources
from sandbox.files.x12 import Segments, plain
from sandbox.network.identifiers import npi

FIRST_PRACTITIONER = 10_000_001


@dataclass(frozen=True, kw_only=True)
class Practitioner:
    """A practitioner with an NPI."""

    practitioner_id: str
    npi: str
    family: str
    given: str
    resource: Resource


def practitioners() -> dict[str, Practitioner]:
    """Return every practitioner of the extract by id, each with an NPI."""
    return {
        resource["id"]: Practitioner(
            practitioner_id=resource["id"],
            npi=npi(FIRST_PRACTITIONER + number),
            family=plain(resource["name"][0]["family"]),
            given=plain(resource["name"][0]["given"][0]),
            resource=resource,
        )
        for number, resource in enumerate(resources("Practitioner"))
    }


def name_patient(
    segments: Segments, entity: str, patient: Patient, number: str
) -> None:
    """Add the NM1 segment of a patient or subscriber with their number there."""
    names = map(plain, patient.names)
    segments.add("NM1", entity, "1", *names, "", "", "", "MI", plain(number))


def address_patient(segments: Segments, patient: Patient) -> None:
    """Add a subscriber's address, birth date and sex."""
    address = patient.resource["address"][0]
    segments.add("N3", plain(address["line"][0]))
    state, postal_code = address["state"], address["postalCode"]
    segments.add("N4", plain(address["city"]), state, postal_code)
    birth_date = patient.resource["birthDate"].replace("-", "")
    sex = {"female": "F", "male": "M"}.get(patient.resource["gender"], "U")
    segments.add("DMG", "D8", birth_date, sex)
