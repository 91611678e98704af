"""Organizations and locations, three times over with each facility's own codes."""

from collections.abc import Iterator

from sandbox.care.cases import ROOMS
from sandbox.care.encounters import DEPARTMENT_BY_EXTRACT_ID
from sandbox.extract.reader import Resource, resources
from sandbox.network.facilities import DEPARTMENTS, FACILITIES, Department, Facility
from sandbox.network.payers import PAYERS, organization_id

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
ORGANIZATION_TYPE = "http://terminology.hl7.org/CodeSystem/organization-type"
THEATRES = {
    "CARDIO": "Catheterization laboratory",
    "ORTHO": "Operating room, orthopedics",
    "PRIMCARE": "Birth room",
    "SURGERY": "Operating room, general",
}


def facility_reference(facility: Facility) -> str:
    """Return the reference to the facility's Organization."""
    return f"Organization/facility-{facility.prefix}"


def department_reference(facility: Facility, department_code: str) -> str:
    """Return the reference to a department's Organization."""
    return (
        f"Organization/{facility.prefix}-dept-{DEPARTMENTS[department_code].extract_id}"
    )


def room_id(facility: Facility, room: str) -> str:
    """Return the id of a room of the theatres."""
    return f"{facility.prefix}-loc-{room.lower()}"


def area_id(facility: Facility, department_code: str) -> str:
    """Return the id of the department's area."""
    return f"{facility.prefix}-loc-dept-{DEPARTMENTS[department_code].extract_id}"


def _organization(identity: str, kind: str, display: str, name: str) -> Resource:
    coding = {"system": ORGANIZATION_TYPE, "code": kind, "display": display}
    return {
        "resourceType": "Organization",
        "id": identity,
        "active": True,
        "type": [{"coding": [coding]}],
        "name": name,
    }


def _department(facility: Facility, department: Department) -> Resource:
    identity = department_reference(facility, department.code).partition("/")[2]
    resource = _organization(identity, "dept", "Hospital Department", department.name)
    native = facility.department_codes[department.code]
    resource["identifier"] = [{"system": facility.department_system, "value": native}]
    resource["partOf"] = {"reference": facility_reference(facility)}
    return resource


def organizations() -> Iterator[Resource]:
    """Yield facilities, their departments, and payers by each facility's name."""
    for facility in FACILITIES:
        identity = facility_reference(facility).partition("/")[2]
        root = _organization(identity, "prov", "Healthcare Provider", facility.name)
        root["identifier"] = [{"system": NPI_SYSTEM, "value": facility.npi}]
        yield root
        for department in DEPARTMENTS.values():
            yield _department(facility, department)
    for facility in (FACILITIES[0], FACILITIES[-1]):
        for payer in PAYERS.values():
            name = (
                payer.northridge_name.title() if facility.has_own_payers else payer.name
            )
            yield _organization(organization_id(payer, facility), "pay", "Payer", name)


def manager_reference(facility: Facility, reference: str) -> str | None:
    """Return who manages a place or role; none for a department left out."""
    if reference == "Organization/hospital-main":
        return facility_reference(facility)
    code = DEPARTMENT_BY_EXTRACT_ID.get(reference)
    return department_reference(facility, code) if code else None


def _copied(facility: Facility, resource: Resource) -> Resource | None:
    manager = manager_reference(facility, resource["managingOrganization"]["reference"])
    if manager is None or resource["id"].startswith("loc-or-"):
        return None
    copy = {**resource, "id": f"{facility.prefix}-{resource['id']}"}
    copy["managingOrganization"] = {"reference": manager}
    if "partOf" in resource:
        above = resource["partOf"]["reference"].partition("/")[2]
        copy["partOf"] = {"reference": f"Location/{facility.prefix}-{above}"}
    return copy


def _theatre(facility: Facility, department_code: str, room: str) -> Resource:
    types = "http://terminology.hl7.org/CodeSystem/location-physical-type"
    return {
        "resourceType": "Location",
        "id": room_id(facility, room),
        "identifier": [{"system": f"urn:{facility.prefix}:room", "value": room}],
        "status": "active",
        "name": f"{THEATRES[department_code]} {room}",
        "physicalType": {
            "coding": [{"system": types, "code": "ro", "display": "Room"}]
        },
        "managingOrganization": {
            "reference": department_reference(facility, department_code)
        },
    }


def locations() -> Iterator[Resource]:
    """Yield the extract's places for each facility, and the rooms of its theatres."""
    for facility in FACILITIES:
        for resource in resources("Location"):
            copy = _copied(facility, resource)
            if copy:
                yield copy
        for department_code, rooms in ROOMS.items():
            for room in rooms:
                yield _theatre(facility, department_code, room)
