"""Truth tables of single facts: claims, charges, payments, usages, stock."""

from collections import Counter
from collections.abc import Iterator

from sandbox.money import text
from sandbox.truth.charges import COMPONENTS
from sandbox.truth.findings import Truth
from sandbox.truth.profitability import deductions
from sandbox.truth.summary_tables import CATEGORIES

Row = tuple[object, ...]

CLAIM_COLUMNS = (
    "claim_id",
    "claim_kind",
    "facility_code",
    "account_number",
    "encounter_id",
    "payer_code",
    "statement_from",
    "statement_through",
    "line_count",
    "charge_amount",
    *(f"{name}_amount" for name in CATEGORIES),
    "paid_amount",
    "is_adjudicated",
    "payment_date",
)
CHARGE_COLUMNS = (
    "charge_id",
    "claim_id",
    "line_control_number",
    "facility_code",
    "service_date",
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
PAYMENT_COLUMNS = (
    "claim_id",
    "trace_number",
    "facility_code",
    "payer_code",
    "payment_date",
    "charge_amount",
    "paid_amount",
    "patient_share_amount",
)
PROVIDER_ADJUSTMENT_COLUMNS = (
    "trace_number",
    "facility_code",
    "payer_code",
    "payment_date",
    "reason_code",
    "reference",
    "amount",
)
USAGE_COLUMNS = (
    "usage_id",
    "encounter_id",
    "facility_code",
    "occurred_at",
    "item_code",
    "lot_number",
    "quantity",
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
    "opening",
    "issued",
    "on_hand",
)
UNALLOCATED_COLUMNS = (
    "service_month",
    "facility_code",
    "cost_center_code",
    "cost_component",
    "cost_amount",
)


def claim_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a claim; amounts of an open claim are zero."""
    payment_dates = {
        decision.claim.claim_id: remittance.payment_date.isoformat()
        for remittance in truth.hospital.remittances
        for decision in remittance.decisions
    }
    for claim in truth.hospital.claims:
        decision = truth.decisions.get(claim.claim_id)
        amounts: Counter[str] = deductions(decision) if decision else Counter()
        yield (
            claim.claim_id,
            "institutional" if claim.kind == "I" else "professional",
            claim.facility.code,
            claim.encounter.account_number,
            claim.encounter.encounter_id,
            claim.encounter.patient.payer.code,
            claim.statement_from.isoformat(),
            claim.statement_through.isoformat(),
            len(claim.lines),
            text(claim.charge),
            *(text(amounts[name]) for name in CATEGORIES),
            text(decision.paid if decision else 0),
            "true" if decision else "false",
            payment_dates.get(claim.claim_id, ""),
        )


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


def payment_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a claim payment, zero payments included."""
    for remittance in truth.hospital.remittances:
        for decision in remittance.decisions:
            yield (
                decision.claim.claim_id,
                remittance.trace_number,
                remittance.facility.code,
                remittance.payer.code,
                remittance.payment_date.isoformat(),
                text(decision.claim.charge),
                text(decision.paid),
                text(decision.patient_responsibility),
            )


def provider_adjustment_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a provider-level adjustment; a positive one lowered the payment."""
    for remittance in truth.hospital.remittances:
        for kept in remittance.provider_adjustments:
            yield (
                remittance.trace_number,
                remittance.facility.code,
                remittance.payer.code,
                remittance.payment_date.isoformat(),
                kept.reason,
                kept.reference,
                text(kept.amount),
            )


def usage_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a supply usage at acquisition cost."""
    for usage in truth.hospital.usages:
        encounter = usage.encounter
        yield (
            usage.usage_id,
            encounter.encounter_id,
            encounter.facility.code,
            usage.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            usage.item.code,
            usage.lot.number if usage.lot else "",
            usage.quantity,
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
            balance.opening,
            balance.issued,
            balance.on_hand,
        )


def unallocated_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a center, month and component that no charge could take."""
    for cost in truth.unallocated:
        yield (
            cost.month.isoformat(),
            cost.facility_code,
            cost.cost_center_code,
            cost.component,
            text(cost.amount),
        )
