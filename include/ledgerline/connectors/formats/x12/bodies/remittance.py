"""What an 835 lands as: payments, claims, lines and adjustments.

Amounts stay as written. The JSON text has the members in this order, and leaves out
those that are empty.
"""

from __future__ import annotations

from ledgerline.connectors.formats.x12.bodies.adjustment import Adjustment
from ledgerline.connectors.formats.x12.records.draft import Body, Placed


class ProviderAdjustment(Placed):
    """A PLB pair: money of no single claim."""

    amount: str
    fiscal_date: str = ""
    reason_code: str = ""
    reference: str = ""


class Remittance(Body):
    """An 835.transaction."""

    provider_adjustments: list[ProviderAdjustment]
    payment_amount: str = ""
    handling_code: str = ""
    payment_method: str = ""
    payment_format: str = ""
    payment_date: str = ""
    production_date: str = ""
    trace_number: str = ""
    payer_name: str = ""
    payer_id: str = ""
    payee_npi: str = ""
    claim_count: int | None = None


class PaidLine(Placed):
    """A service line of a paid claim (SVC)."""

    line_number: str
    charge_amount: str
    paid_amount: str
    adjustments: list[Adjustment]
    remark_codes: list[str]
    procedure_code: str = ""
    revenue_code: str = ""
    units: str = ""
    service_date: str = ""
    line_control_number: str = ""
    allowed_amount: str = ""


class PaidClaim(Body):
    """An 835.claim (CLP)."""

    transaction_id: str
    claim_id: str
    charge_amount: str
    paid_amount: str
    adjustments: list[Adjustment]
    lines: list[PaidLine]
    remark_codes: list[str]
    payee_npi: str = ""
    payer_id: str = ""
    payment_date: str = ""
    account_number: str = ""
    status_code: str = ""
    payer_sequence: str = ""
    patient_responsibility_amount: str = ""
    filing_indicator: str = ""
    payer_claim_control_number: str = ""
    facility_code_value: str = ""
    frequency_code: str = ""
    original_reference: str = ""
    claim_received_date: str = ""
    interest_amount: str = ""
    coverage_amount: str = ""
