"""What an 837 lands as: claims with their lines, codes and other payers.

Amounts stay as written. The JSON text has the members in this order, and leaves out
those that are empty.
"""

from __future__ import annotations

import msgspec

from ledgerline.connectors.formats.x12.bodies.adjustment import Adjustment
from ledgerline.connectors.formats.x12.records.draft import Body, Placed
from ledgerline.connectors.formats.x12.records.set_reader import OpenSet


class TransactionSetNumbers(msgspec.Struct, gc=False):
    """By what an acknowledgement names the set that a claim came in."""

    sender_id: str
    receiver_id: str
    interchange_control_number: str
    group_control_number: str
    set_control_number: str


class Code(msgspec.Struct, omit_defaults=True, gc=False):
    """A code of a list that its qualifier names; procedures have a date."""

    qualifier: str
    code: str
    date: str = ""


class OtherPayer(msgspec.Struct, omit_defaults=True, gc=False):
    """Another payer of the claim, and what it decided (SBR after CLM)."""

    adjustments: list[Adjustment]
    payer_sequence: str = ""
    filing_indicator: str = ""
    payer_id: str = ""
    payer_name: str = ""
    paid_amount: str = ""
    non_covered_amount: str = ""
    remaining_liability_amount: str = ""
    adjudication_date: str = ""
    claim_control_number: str = ""


class LineDecision(Placed):
    """What another payer decided of a service line (SVD)."""

    payer_id: str
    paid_amount: str
    adjustments: list[Adjustment]
    modifiers: list[str]
    procedure_code: str = ""
    revenue_code: str = ""
    quantity: str = ""
    bundled_into_line: str = ""
    remaining_liability_amount: str = ""
    adjudication_date: str = ""


class ClaimLine(Placed):
    """A service line (LX)."""

    line_number: str
    modifiers: list[str]
    charge_amount: str = ""
    line_control_number: str = ""
    revenue_code: str = ""
    procedure_code: str = ""
    quantity: str = ""
    unit: str = ""
    service_date: str = ""
    rendering_npi: str = ""
    decisions: list[LineDecision] = msgspec.field(default_factory=list)


class Claim(Body):
    """An 837.claim (CLM)."""

    transaction: str
    transaction_set: TransactionSetNumbers
    claim_id: str
    account_number: str
    charge_amount: str
    condition_codes: list[str]
    diagnoses: list[Code]
    procedures: list[Code]
    other_payers: list[OtherPayer]
    lines: list[ClaimLine]
    implementation: str = ""
    submission_reference: str = ""
    submission_date: str = ""
    billing_npi: str = ""
    facility_code_value: str = ""
    frequency_code: str = ""
    payer_sequence: str = ""
    filing_indicator: str = ""
    payer_id: str = ""
    payer_name: str = ""
    original_reference: str = ""
    medical_record_number: str = ""
    statement_from: str = ""
    statement_through: str = ""
    admission_date: str = ""
    patient_status: str = ""
    drg: str = ""
    attending_npi: str = ""
    rendering_npi: str = ""


def numbers_of(opened: OpenSet) -> TransactionSetNumbers:
    """Return the numbers of a transaction set."""
    return TransactionSetNumbers(
        opened.sender_id,
        opened.receiver_id,
        opened.interchange_control_number,
        opened.group_control_number,
        opened.header.at(2).strip(),
    )
