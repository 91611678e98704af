"""The body of a landed message: what it says, in one shape for every type.

A key is absent when the message does not say it, and null when it says that the
value is deleted (`""` in HL7).
"""

from __future__ import annotations

import msgspec

from ledgerline.connectors.formats.hl7v2.separators import Separators, unescaped

_DELETED = '""'


class Identifier(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One identifier of a patient (CX)."""

    value: str
    authority: str = ""
    type: str = ""


class Practitioner(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who attends (XCN), without a name."""

    id: str = ""
    authority: str = ""


class Location(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where the patient is (PL)."""

    point_of_care: str = ""
    room: str = ""
    bed: str = ""
    facility: str = ""


class Patient(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """PID, without name and address."""

    identifiers: list[Identifier] = []
    account_number: str = ""
    birth_date: str = ""
    sex: str = ""


class Merge(msgspec.Struct, omit_defaults=True, gc=False):
    """MRG: what is merged away; for A24 and A37 the second patient."""

    identifiers: list[Identifier] = []
    account_number: str = ""
    visit_number: str = ""


class Visit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """PV1."""

    visit_number: str = ""
    authority: str = ""
    patient_class: str = ""
    location: Location | None = None
    hospital_service: str = ""
    attending: Practitioner | None = None
    admitted_at: str = ""
    discharged_at: str = ""
    discharge_disposition: str = ""


class Pair(msgspec.Struct, omit_defaults=True, gc=False):
    """One more patient in the same message, what is merged into it, and its visit."""

    patient: Patient
    merge: Merge | None = None
    visit: Visit | None = None


class Transaction(msgspec.Struct, omit_defaults=True, gc=False):
    """FT1; amounts and quantities are decimals as written."""

    transaction_id: str = ""
    date: str = ""
    posting_date: str = ""
    type: str = ""
    code: str = ""
    code_system: str = ""
    quantity: str = ""
    extended_amount: str = ""
    unit_amount: str = ""
    department: str = ""
    revenue_code: str = ""
    procedure_code: str = ""
    modifiers: list[str] = []


class Resource(msgspec.Struct, omit_defaults=True, gc=False):
    """AIS, AIG, AIL or AIP: what or who is booked, or no longer.

    Of a location (AIL) the id is its point of care.
    """

    kind: str
    id: str = ""
    room: str = ""
    type: str = ""
    starts_at: str = ""
    is_deleted: bool = False


class Appointment(msgspec.Struct, omit_defaults=True, gc=False):
    """SCH with TQ1 and the resources."""

    placer_id: str = ""
    filler_id: str = ""
    status: str = ""
    starts_at: str = ""
    ends_at: str = ""
    reason_code: str = ""
    duration_minutes: str = ""
    resources: list[Resource] = []


class Order(msgspec.Struct, omit_defaults=True, gc=False):
    """ORC with the detail that follows it."""

    control: str = ""
    placer_id: str = ""
    filler_id: str = ""
    code: str = ""
    code_system: str = ""
    quantity: str = ""
    unit: str = ""


class Body(msgspec.Struct, omit_defaults=True, gc=False):
    """What one message says."""

    message_type: str
    trigger: str = ""
    structure: str = ""
    version: str = ""
    sending_application: str = ""
    sending_facility: str = ""
    control_id: str = ""
    message_at: str = ""
    event_at: str = ""
    occurred_at: str = ""
    sequence: int | None = None
    patient: Patient | None = None
    merge: Merge | None = None
    further_merges: list[Pair] = []
    visit: Visit | None = None
    transactions: list[Transaction] = []
    appointment: Appointment | None = None
    orders: list[Order] = []
    unread_segments: list[str] = []


encode = msgspec.json.Encoder().encode


def encode_resolved(body: Body, marks: Separators, codec: str) -> bytes:
    """Return the JSON of a body whose values hold escape sequences or deletions.

    Raises RecordRefused for escape sequences that cannot be resolved.
    """

    def resolve(value: object) -> object:
        if isinstance(value, str):
            return None if value == _DELETED else unescaped(value, marks, codec)
        if isinstance(value, list):
            return [resolve(item) for item in value]
        if isinstance(value, dict):
            return {key: resolve(item) for key, item in value.items()}
        return value

    return encode(resolve(msgspec.to_builtins(body)))
