"""Segments about people, visits and charges, as the facilities write them."""

from datetime import date, datetime
from decimal import Decimal

from sandbox.billing.charge_line import ChargeLine
from sandbox.care.encounters import Encounter, Patient
from sandbox.files.people import Practitioner
from sandbox.hl7.wire import escaped, segment, stamp, style
from sandbox.money import text
from sandbox.network.facilities import Facility

SEXES = {"female": "F", "male": "M"}
CLASSES = {"AMB": "O", "EMER": "E", "IMP": "I"}


def identifier(facility: Facility, value: str, kind: str) -> str:
    """Return a CX: a value with who assigned it and what it is."""
    return f"{value}^^^{facility.code}^{kind}"


def day(value: date) -> str:
    """Return a date as HL7 writes it."""
    return value.strftime("%Y%m%d")


def pid(patient: Patient, record_number: str, account_number: str = "") -> str:
    """Return the patient under a record number, with the account if there is one."""
    resource = patient.resource
    address = resource["address"][0]
    facility = patient.facility
    place = (
        *(address["line"][0], "", address["city"], address["state"]),
        *(address["postalCode"], "USA"),
    )
    account = identifier(facility, account_number, "AN") if account_number else ""
    return segment(
        "PID",
        {
            1: "1",
            3: identifier(facility, record_number, "MR"),
            5: "^".join(map(escaped, patient.names)),
            7: resource["birthDate"].replace("-", ""),
            8: SEXES.get(resource["gender"], "U"),
            11: "^".join(escaped(part) for part in place),
            18: account,
        },
    )


def mrg(facility: Facility, record_number: str) -> str:
    """Return the identifier that a merge gives up."""
    return segment("MRG", {1: identifier(facility, record_number, "MR")})


def _place(facility: Facility, department_code: str) -> str:
    native = facility.department_codes[department_code]
    building = escaped(style(facility).building)
    return f"{native}^^^{facility.code}^^^{building}"


def doctor(practitioner: Practitioner) -> str:
    """Return an XCN with the practitioner's NPI."""
    name = f"{practitioner.family}^{practitioner.given}"
    return f"{practitioner.npi}^{name}^^^^^^NPI&2.16.840.1.113883.4.6&ISO^^^^NPI"


def pv1(
    encounter: Encounter,
    practitioner: Practitioner,
    *,
    department_code: str = "",
    discharged_at: datetime | None = None,
) -> str:
    """Return the visit; its disposition comes with the discharge."""
    facility = encounter.facility
    department_code = department_code or encounter.department_code
    disposition = encounter.stay.disposition if encounter.stay else "01"
    return segment(
        "PV1",
        {
            1: "1",
            2: CLASSES[encounter.encounter_class],
            3: _place(facility, department_code),
            7: doctor(practitioner),
            10: facility.department_codes[department_code],
            19: identifier(facility, encounter.account_number, "VN"),
            36: disposition if discharged_at else "",
            44: stamp(facility, encounter.start),
            45: stamp(facility, discharged_at) if discharged_at else "",
        },
    )


def _procedure(code: str) -> str:
    return f"{code}^^{'C4' if code.isdigit() else 'HPC'}" if code else ""


def _unit_amount(line: ChargeLine) -> str:
    """Return the price of one, where it comes out even."""
    cents, rest = divmod(line.amount, line.quantity)
    return "" if rest else f"{text(cents)}&USD"


def ft1(encounter: Encounter, line: ChargeLine, transaction_id: str, kind: str) -> str:
    """Return a charge (CG) or its credit (CD), without the set number."""
    procedure = _procedure(line.procedure_code)
    return segment(
        "FT1",
        {
            2: transaction_id,
            4: day(line.service_date),
            5: day(line.posted_on or line.service_date),
            6: kind,
            7: f"{line.revenue_code}^^NUBC" if line.revenue_code else procedure,
            10: str(Decimal(line.quantity)),
            11: f"{text(line.amount)}&USD",
            12: _unit_amount(line),
            13: encounter.facility.department_codes[encounter.department_code],
            25: procedure,
        },
    )
