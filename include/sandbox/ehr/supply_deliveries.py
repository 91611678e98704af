"""Supply usage as SupplyDelivery, its item as a contained Device or a code."""

from collections.abc import Iterator

from sandbox.care.cases import case_of
from sandbox.care.requests import request_id
from sandbox.care.usages import Usage
from sandbox.ehr.places import area_id, room_id
from sandbox.extract.reader import Resource
from sandbox.network.clocks import instant
from sandbox.network.items import Lot, native_code

ENCOUNTER_EXTENSION = (
    "http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter"
)
UNUSED_EXTENSION = "urn:ledgerline:StructureDefinition/supply-unused-quantity"
RETURNED_EXTENSION = "urn:ledgerline:StructureDefinition/supply-returned-quantity"
SUPPLY_TYPE = "http://terminology.hl7.org/CodeSystem/supply-item-type"


def _device(usage: Usage, lot: Lot) -> Resource:
    item = usage.item
    number = native_code(item, usage.encounter.facility, usage.occurred_at.date())
    device: Resource = {
        "resourceType": "Device",
        "id": "d",
        "identifier": [
            {"system": usage.encounter.facility.item_system, "value": number}
        ],
        "expirationDate": lot.expires.isoformat(),
        "lotNumber": lot.number,
    }
    if item.category == "implant":
        carrier = (
            f"(01){item.device_identifier}(17){lot.expires:%y%m%d}(10){lot.number}"
        )
        device["udiCarrier"] = [
            {"deviceIdentifier": item.device_identifier, "carrierHRF": carrier}
        ]
    return device


def _supplied_item(usage: Usage) -> Resource:
    supplied: Resource = {"quantity": {"value": usage.quantity, "unit": "u"}}
    if usage.lot:
        supplied["itemReference"] = {"reference": "#d"}
    else:
        facility = usage.encounter.facility
        code = native_code(usage.item, facility, usage.occurred_at.date())
        coding = {
            "system": facility.item_system,
            "code": code,
            "display": usage.item.name,
        }
        supplied["itemCodeableConcept"] = {"coding": [coding]}
    return supplied


def _extensions(usage: Usage) -> Iterator[Resource]:
    reference = {"reference": f"Encounter/{usage.encounter.encounter_id}"}
    yield {"url": ENCOUNTER_EXTENSION, "valueReference": reference}
    for url, quantity in (
        (UNUSED_EXTENSION, usage.unused),
        (RETURNED_EXTENSION, usage.returned),
    ):
        if quantity:
            yield {"url": url, "valueQuantity": {"value": quantity, "unit": "u"}}


def place_of(usage: Usage) -> str:
    """Return the id of the place that a usage was delivered to."""
    encounter = usage.encounter
    case = case_of(encounter) if usage.is_in_theatre else None
    if case:
        return room_id(encounter.facility, case.room)
    return area_id(encounter.facility, encounter.department_code)


def supply_deliveries(usages: list[Usage]) -> Iterator[Resource]:
    """Yield one resource a usage."""
    for usage in usages:
        encounter = usage.encounter
        kind = "medication" if usage.item.category == "drug" else "device"
        resource: Resource = {"resourceType": "SupplyDelivery", "id": usage.usage_id}
        if usage.lot:
            resource["contained"] = [_device(usage, usage.lot)]
        resource |= {
            "extension": list(_extensions(usage)),
            "status": "completed",
            "patient": {"reference": f"Patient/{encounter.patient.patient_id}"},
            "type": {"coding": [{"system": SUPPLY_TYPE, "code": kind}]},
            "suppliedItem": _supplied_item(usage),
            "occurrenceDateTime": instant(usage.occurred_at),
            "destination": {"reference": f"Location/{place_of(usage)}"},
        }
        if request_id(usage):
            request = f"SupplyRequest/{request_id(usage)}"
            resource["basedOn"] = [{"reference": request}]
        yield resource
