"""What a 277CA, a 277 and a 276 land as: where claims stand, or are asked for."""

from __future__ import annotations

import msgspec

from ledgerline.connectors.formats.x12.records.draft import Body, Placed


class Status(msgspec.Struct, omit_defaults=True, gc=False):
    """One status of an STC; the segment holds up to three."""

    category_code: str
    status_code: str = ""
    entity_code: str = ""
    effective_date: str = ""
    action_code: str = ""
    charge_amount: str = ""


class StatusLine(Placed):
    """A service line (SVC)."""

    line_number: str
    statuses: list[Status] | None = None
    line_control_number: str = ""
    procedure_code: str = ""
    revenue_code: str = ""
    charge_amount: str = ""
    paid_amount: str = ""
    service_date: str = ""


class ClaimStatus(Body):
    """A claim whose status is told, or asked for (TRN); only answers have statuses."""

    claim_id: str
    lines: list[StatusLine]
    statuses: list[Status] | None = None
    account_number: str = ""
    billing_npi: str = ""
    payer_id: str = ""
    submission_reference: str = ""
    trace_number: str = ""
    payer_claim_control_number: str = ""
    clearinghouse_number: str = ""
    facility_type_code: str = ""
    statement_from: str = ""
    statement_through: str = ""
    charge_amount: str = ""


class Totals(msgspec.Struct, omit_defaults=True, gc=False):
    """What was taken of one provider's claims."""

    statuses: list[Status]
    billing_npi: str = ""
    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_amount: str = ""
    rejected_amount: str = ""


class Answer(Body):
    """A 277CA.transaction or 277.transaction."""

    sender_id: str
    receiver_id: str
    statuses: list[Status]
    providers: list[Totals]
    payer_id: str = ""
    submission_reference: str = ""
    received_date: str = ""
    processed_date: str = ""
    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_amount: str = ""
    rejected_amount: str = ""
    claim_count: int | None = None
