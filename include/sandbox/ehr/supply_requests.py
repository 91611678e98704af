"""What theatres asked their stores for, as SupplyRequest."""

from collections.abc import Iterable, Iterator

from sandbox.care.requests import Request
from sandbox.ehr.supply_deliveries import place_of
from sandbox.extract.reader import Resource
from sandbox.network.clocks import instant
from sandbox.network.items import native_code


def supply_requests(requests: Iterable[Request]) -> Iterator[Resource]:
    """Yield one resource a request."""
    for request in requests:
        encounter = request.usage.encounter
        facility = encounter.facility
        place = place_of(request.usage)
        coding = {
            "system": facility.item_system,
            "code": native_code(
                request.item, facility, request.usage.occurred_at.date()
            ),
            "display": request.item.name,
        }
        yield {
            "resourceType": "SupplyRequest",
            "id": request.request_id,
            "status": "completed" if request.filled else "active",
            "itemCodeableConcept": {"coding": [coding]},
            "quantity": {"value": request.requested, "unit": "u"},
            "authoredOn": instant(request.usage.occurred_at),
            "deliverTo": {"reference": f"Location/{place}"},
        }
