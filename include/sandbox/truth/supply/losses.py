"""Truth of what was lost: devices nobody charged for, prices above the contract."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sandbox.care.requests import requests
from sandbox.care.usages import Usage
from sandbox.money import cost_cents, text
from sandbox.truth.findings import Truth

Row = tuple[object, ...]
UNBILLED_COLUMNS = (
    "usage_id",
    "encounter_id",
    "facility_code",
    "item_code",
    "procedure_code",
    "used_quantity",
    "unbilled_quantity",
    "unbilled_cost",
)
PRICE_COLUMNS = (
    "order_number",
    "item_code",
    "ordered_quantity",
    "ordered_amount",
    "price_state",
    "variance_amount",
)

REQUEST_COLUMNS = (
    "request_id",
    "facility_code",
    "location_code",
    "item_code",
    "request_date",
    "requested_quantity",
    "filled_quantity",
)


def unbilled_rows(truth: Truth) -> Iterator[Row]:
    """Yield each implant of which fewer were charged than used.

    Of one device code, what was charged is taken to be the dearest that was used.
    """
    charged: Counter[tuple[str, str]] = Counter()
    for charge in truth.charges:
        if charge.line.revenue_code == "0278":
            encounter_id = charge.claim.encounter.encounter_id
            charged[encounter_id, charge.line.procedure_code] += charge.line.quantity
    used: dict[tuple[str, str], list[Usage]] = defaultdict(list)
    for usage in truth.hospital.usages:
        if usage.item.category == "implant":
            used[usage.encounter.encounter_id, usage.item.hcpcs].append(usage)
    for key, usages in used.items():
        left = charged[key]
        for usage in sorted(usages, key=lambda each: (-each.unit_cost, each.usage_id)):
            implanted = usage.quantity - usage.unused
            covered = min(left, implanted)
            left -= covered
            if covered < implanted:
                yield (
                    usage.usage_id,
                    usage.encounter.encounter_id,
                    usage.encounter.facility.code,
                    usage.item.code,
                    usage.item.hcpcs,
                    implanted,
                    implanted - covered,
                    text(cost_cents(implanted - covered, usage.unit_cost)),
                )


def price_rows(truth: Truth) -> Iterator[Row]:
    """Yield what each line was ordered for, and by how much it broke its contract."""
    for line in truth.hospital.orders:
        item = line.stock.item
        ordered = cost_cents(line.ordered, line.unit_price)
        over = ordered - cost_cents(line.ordered, item.agreed_price(line.ordered_on))
        is_agreed = item.category != "drug"
        yield (
            line.number,
            item.code,
            line.ordered,
            text(ordered),
            _state(over) if is_agreed else "not_comparable",
            text(over if is_agreed else 0),
        )


def _state(over: int) -> str:
    if not over:
        return "compliant"
    return "overpaid" if over > 0 else "underpaid"


def request_rows(truth: Truth) -> Iterator[Row]:
    """Yield what stores were asked for, and what of it they gave."""
    for request in requests(truth.hospital.usages):
        yield (
            request.request_id,
            request.usage.encounter.facility.code,
            request.usage.store_code,
            request.item.code,
            request.usage.occurred_at.date().isoformat(),
            request.requested,
            request.filled,
        )
