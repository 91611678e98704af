"""A small hospital whose codes change their meaning and whose patients change beds."""

import hashlib
import json

FACILITIES = {"H": "1000000004", "K": "1000000012", "N": "1000000020"}
CLOCKS = {"N": "America/New_York"}
UNITS = {"MED": "10", "ICU": "20", "EMERG": "30"}
CHANGED_ON = "2026-03-10"
LAST_NIGHT = "2026-06-01T03:30:00Z"
"""Half past eleven of the last day of May in New York."""
REFERENCE = {
    "facility": [
        (code, code, "2020-01-01", None, CLOCKS.get(code, "UTC")) for code in FACILITIES
    ],
    "department": [
        ("MED", "Medicine", "digestive_general_surgery", "1900-01-01", CHANGED_ON),
        ("MED", "Internal medicine", "cardiovascular", CHANGED_ON, None),
        ("ICU", "Intensive care", "cardiovascular", "1900-01-01", None),
    ],
    "payer": [
        ("CHIP", "Chip", "medicaid", "1900-01-01", CHANGED_ON),
        ("CHIP", "Chip Plus", "commercial", CHANGED_ON, None),
    ],
    "cost_center": [
        ("H", "H-10", "Ward", "patient_care", "H-10-STO", "1900-01-01", CHANGED_ON),
        ("H", "H-10", "Ward", "patient_care", "H-11-STO", CHANGED_ON, None),
    ],
    "department_cost_center": [("H", "MED", "H-10")],
    "crosswalk": [
        (kind, system, facility, native, code, "2020-01-01", None, "test", "2026-01-01")
        for kind, system, facility, native, code in (
            *(("facility", "ehr", "*", npi, f) for f, npi in FACILITIES.items()),
            *(("facility", "billing", "*", npi, f) for f, npi in FACILITIES.items()),
            *(
                ("department", "ehr", facility, unit, code)
                for facility in ("H", "N")
                for code, unit in UNITS.items()
            ),
            ("payer", "billing", "H", "P1", "CHIP"),
            ("payer", "ehr", "*", "chip-plan", "CHIP"),
        )
    ],
}


def organizations():
    for code, npi in FACILITIES.items():
        number = {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}
        yield "Organization", {"id": code, "identifier": [number]}
        for unit, native in UNITS.items():
            number = {"system": f"urn:{code}:department", "value": native}
            above = {"reference": f"Organization/{code}"}
            name = f"{code}-{unit}"
            body = {"id": name, "identifier": [number], "partOf": above}
            yield "Organization", body
            owner = {"reference": f"Organization/{name}"}
            yield "Location", {"id": f"bed-{name}", "managingOrganization": owner}


def encounter(name, account, begin, end, **more):
    beds = more.pop("beds", ())
    return "Encounter", {
        "id": name,
        "status": "finished",
        "class": {"code": more.pop("code", "IMP")},
        "identifier": [{"type": {"coding": [{"code": "AN"}]}, "value": account}],
        "subject": {"reference": "Patient/p1"},
        "serviceProvider": {"reference": f"Organization/{more.pop('unit', 'H-MED')}"},
        "participant": [{"individual": {"reference": "Practitioner/d1"}}],
        "period": {"start": begin, "end": end},
        "location": [
            {"location": {"reference": f"Location/bed-{bed}"}, "period": {"start": at}}
            for bed, at in beds
        ],
        **more,
    }


ENCOUNTERS = [
    encounter(
        *("watched", "A1", "2026-03-06T20:00:00-05:00", "2026-03-07T09:00:00-05:00"),
        code="OBSENC",
        beds=[("H-EMERG", "2026-03-06T20:00:00-05:00")],
    ),
    encounter(
        *("admitted", "A1", "2026-03-07T09:00:00-05:00", "2026-03-09T09:00:00-04:00"),
        beds=[
            ("H-ICU", "2026-03-07T09:00:00-05:00"),
            ("H-MED", "2026-03-08T00:00:00-05:00"),
        ],
    ),
    encounter("first", "A2", "2026-03-11T09:00:00Z", "2026-03-12T09:00:00Z"),
    encounter("again", "A3", "2026-03-12T15:00:00Z", "2026-03-14T09:00:00Z"),
    encounter("unrelated", "A4", "2026-03-14T15:00:00Z", "2026-03-15T09:00:00Z"),
    encounter("changed", "A5", "2026-03-20T09:00:00Z", "2026-03-22T09:00:00Z"),
    encounter("backwards", "A6", "2026-04-03T09:00:00Z", "2026-04-01T09:00:00Z"),
    encounter(
        *("elsewhere", "A7", "2026-04-05T09:00:00Z", "2026-04-06T09:00:00Z"),
        beds=[
            ("H-MED", "2026-04-05T09:00:00Z"),
            ("K-MED", "2026-04-05T21:00:00Z"),
        ],
    ),
    encounter(
        *("last_night", "N1", "2026-06-01T02:30:00Z", "2026-06-01T03:50:00Z"),
        unit="N-MED",
        beds=[("N-EMERG", "2026-06-01T02:30:00Z"), ("N-MED", LAST_NIGHT)],
    ),
    encounter(
        "told_by_day", "N2", "2026-06-01", "2026-06-01", code="AMB", unit="N-MED"
    ),
]
SURGERY = {
    "id": "appendix",
    "status": "completed",
    "category": {"coding": [{"code": "387713003"}]},
    "encounter": {"reference": "Encounter/last_night"},
    "performedDateTime": LAST_NIGHT,
}
CHARGE = {
    "id": "c1",
    "sending_facility": FACILITIES["N"],
    "message_at": "2026-05-31T23:30:00-04:00",
    "patient": {"account_number": "N1"},
    "transactions": [
        {"type": "CG", "transaction_id": "c1", "extended_amount": "70.00"}
    ],
}


def claim(account, day, *conditions):
    number = f"{FACILITIES['H']}|{account}"
    line = {"line_number": "1", "revenue_code": "0120", "charge_amount": "100.00"}
    return "837.claim", {
        "id": number,
        "transaction": "837I",
        "billing_npi": FACILITIES["H"],
        "account_number": account,
        "claim_id": number,
        "facility_code_value": "11",
        "frequency_code": "1",
        "payer_id": "P1",
        "drg": "291",
        "condition_codes": list(conditions),
        "submission_date": "20260501",
        "statement_from": day,
        "statement_through": day,
        "charge_amount": "100.00",
        "lines": [{**line, "service_date": day}],
    }


CLAIMS = [
    claim("A1", "20260307"),
    claim("A3", "20260312"),
    claim("A4", "20260314", "B4"),
    claim("A5", "20260320", "44"),
]


def usage(name, moment, place="H-MED"):
    return "SupplyDelivery", {
        "id": name,
        "status": "completed",
        "suppliedItem": {
            "quantity": {"value": 2},
            "itemCodeableConcept": {"coding": [{"code": "I1"}]},
        },
        "destination": {"reference": f"Location/bed-{place}"},
        "occurrenceDateTime": moment,
    }


def coverage(name, payer, begin, end=None):
    return "Coverage", {
        "id": name,
        "status": "active",
        "beneficiary": {"reference": "Patient/p1"},
        "payor": [{"reference": f"Organization/{payer}"}],
        "period": {"start": begin, "end": end},
    }


def practitioner(name, day):
    return "Practitioner", {
        "id": "d1",
        "meta": {"lastUpdated": f"{day}T08:00:00Z"},
        "name": [{"family": name}],
    }


def item(cost, stamp):
    product = {"id": "1"}
    body = {
        "id": "1",
        "product": product,
        "cost_price": cost,
        "last_modified_at": stamp,
    }
    return "product.cost_price", body


LANDED = {
    "raw_ehr": [
        *organizations(),
        ("Patient", {"id": "p1"}),
        coverage("v1", "chip-plan", "2026-03-11", "2026-05-31"),
        coverage("v2", "new-plan", "2026-06-01"),
        practitioner("Before", "2026-01-05"),
        practitioner("After", CHANGED_ON),
        *ENCOUNTERS,
        usage("s1", "2026-03-09T12:00:00Z"),
        usage("s2", f"{CHANGED_ON}T12:00:00Z"),
        usage("n1", LAST_NIGHT, "N-MED"),
        usage("n2", "2026-06-01", "N-MED"),
        ("Procedure", SURGERY),
        ("DFT", CHARGE),
    ],
    "raw_billing": CLAIMS,
    "raw_erp": [
        ("product.template", {"id": "1", "name": "Stent"}),
        ("product.product", {"id": "1", "code": "I1", "template": {"id": "1"}}),
        item("10.00", "2025-12-01T00:00:00"),
        item("12.50", f"{CHANGED_ON}T00:00:00"),
        ("party.party", {"id": "1", "code": "S1", "name": "Before"}),
        ("party.party", {"id": "1", "code": "S1", "name": "After"}),
    ],
}


def land(connection):
    """Load the reference tables and land every record, in the order above."""
    for name, values in REFERENCE.items():
        marks = ", ".join(["%s"] * len(values[0]))
        connection.cursor().executemany(
            f"insert into reference.{name} values ({marks})", values
        )
    for zone, records in LANDED.items():
        [batch] = connection.execute(
            "insert into ops.landing_batch (source) values ('test') returning batch_id"
        ).fetchone()
        [file] = connection.execute(
            f"insert into {zone}.file (batch_id, name, content_sha256, size_bytes, "
            "format) values (%s, 'test', '', 0, 'json') returning file_id",
            [batch],
        ).fetchone()
        for kind, body in records:
            text = json.dumps(body)
            connection.execute(
                f"insert into {zone}.record (file_id, batch_id, resource_type, "
                "resource_id, content_sha256, byte_offset, byte_length, body) "
                "values (%s, %s, %s, %s, %s, 0, 0, %s)",
                [
                    *(file, batch, kind, body["id"]),
                    *(hashlib.sha256(text.encode()).digest(), text),
                ],
            )
