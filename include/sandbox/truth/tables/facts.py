"""Truth tables of single facts: charges, usages, stock, costs."""

from collections.abc import Iterator

from sandbox.money import text
from sandbox.network.clocks import instant
from sandbox.truth.cost.allocation import COMPONENTS
from sandbox.truth.findings import Truth
from sandbox.truth.versions import version_costs, versions

Row = tuple[object, ...]

CHARGE_COLUMNS = (
    "charge_id",
    "claim_id",
    "line_control_number",
    "facility_code",
    "service_date",
    "post_date",
    "submission_date",
    "revenue_code",
    "procedure_code",
    "quantity",
    "cost_center_code",
    "cost_method",
    "service_line_code",
    "payer_class",
    "charge_amount",
    *(f"{component}_cost" for component in COMPONENTS),
)
USAGE_COLUMNS = (
    "usage_id",
    "encounter_id",
    "facility_code",
    "occurred_at",
    "usage_date",
    "item_code",
    "lot_number",
    "quantity",
    "unused_quantity",
    "returned_quantity",
    "cost_component",
    "location_code",
    "cost_center_code",
    "service_line_code",
    "payer_class",
    "cost_amount",
)
STOCK_COLUMNS = (
    "location_code",
    "item_code",
    "lot_number",
    "expiration_date",
    "opening",
    "issued",
    "on_hand",
)
UNALLOCATED_COLUMNS = (
    "service_month",
    "facility_code",
    "cost_center_code",
    "cost_component",
    "exception_reason",
    "cost_amount",
)


VERSION_COLUMNS = (
    "facility_code",
    "service_month",
    "service_line_code",
    "cost_model_code",
    "cost_amount",
    "variable_cost",
)


def version_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a facility, month, service line and version of the cost model."""
    hospital = truth.hospital
    for version in versions({cost.facility_code for cost in hospital.payroll}):
        costs = version_costs(hospital, truth.charges, version)
        for month, line in sorted(costs):
            row = costs[month, line]
            place = version.facility_code, month.isoformat(), line, version.code
            yield *place, text(row["cost"]), text(row["variable"])


def charge_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a charge line with its share of the center's costs."""
    for charge in truth.charges:
        line, encounter = charge.line, charge.claim.encounter
        yield (
            charge.charge_id,
            charge.claim.claim_id,
            charge.line_control_number,
            encounter.facility.code,
            line.service_date.isoformat(),
            (line.posted_on or line.service_date).isoformat(),
            charge.sent_on.isoformat(),
            line.revenue_code,
            line.procedure_code,
            line.quantity,
            charge.cost_center_code,
            charge.cost_method,
            encounter.service_line_code,
            encounter.patient.payer.payer_class,
            text(line.amount),
            *(text(charge.costs.get(component, 0)) for component in COMPONENTS),
        )


def usage_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a supply usage at acquisition cost."""
    for usage in truth.hospital.usages:
        encounter = usage.encounter
        yield (
            usage.usage_id,
            encounter.encounter_id,
            encounter.facility.code,
            instant(usage.occurred_at),
            usage.occurred_at.date().isoformat(),
            usage.item.code,
            usage.lot.number if usage.lot else "",
            usage.quantity,
            usage.unused,
            usage.returned,
            usage.item.category,
            usage.store_code,
            usage.cost_center_code,
            encounter.service_line_code,
            encounter.patient.payer.payer_class,
            text(usage.cost),
        )


def stock_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a store, item and lot."""
    for balance in truth.hospital.stock:
        yield (
            balance.location_code,
            balance.item.code,
            balance.lot.number if balance.lot else "",
            balance.lot.expires.isoformat() if balance.lot else "",
            balance.opening,
            balance.issued,
            balance.on_hand,
        )


def unallocated_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a center, month, component and reason that no charge could take."""
    for cost in truth.unallocated:
        yield (
            cost.month.isoformat(),
            cost.facility_code,
            cost.cost_center_code,
            cost.component,
            cost.reason,
            text(cost.amount),
        )
