"""What other parsers find in a message, field by field, as an oracle for ours."""

import re

import hl7
import hl7kit

HEADER = {
    "message_type": "MSH-9.1",
    "trigger": "MSH-9.2",
    "structure": "MSH-9.3",
    "version": "MSH-12.1",
    "sending_application": "MSH-3.1",
    "sending_facility": "MSH-4.1",
    "control_id": "MSH-10.1",
    "message_at": "MSH-7.1",
    "event_at": "EVN-2.1",
    "occurred_at": "EVN-6.1",
}
PATIENT = {"account_number": "PID-18.1", "sex": "PID-8.1"}
MERGE = {"account_number": "MRG-3.1", "visit_number": "MRG-5.1"}
VISIT = {
    "visit_number": "PV1-19.1",
    "patient_class": "PV1-2.1",
    "hospital_service": "PV1-10.1",
    "admitted_at": "PV1-44.1",
    "discharged_at": "PV1-45.1",
    "discharge_disposition": "PV1-36.1",
}
LOCATION = {
    "point_of_care": "PV1-3.1.1",
    "room": "PV1-3.2.1",
    "bed": "PV1-3.3.1",
    "facility": "PV1-3.4.1",
}
TRANSACTION = {
    "transaction_id": "-2.1",
    "date": "-4.1",
    "posting_date": "-5.1",
    "type": "-6.1",
    "code": "-7.1",
    "code_system": "-7.3",
    "quantity": "-10.1",
    "extended_amount": "-11.1.1",
    "unit_amount": "-12.1.1",
    "department": "-13.1",
}
APPOINTMENT = {
    "placer_id": "SCH-1.1",
    "filler_id": "SCH-2.1",
    "status": "SCH-25.1",
    "reason_code": "SCH-7.1",
}
ORDER = {"control": "-1.1", "placer_id": "-2.1", "filler_id": "-3.1"}
_PATH = re.compile(r"(\w{3})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?")


class PythonHl7:
    """python-hl7, addressed by `PID[1]-3[2].4.1`."""

    def __init__(self, text):
        self.message = hl7.parse(text)

    def count(self, name):
        return sum(str(segment[0]) == name for segment in self.message)

    def repetitions(self, name, field):
        return len(self.message.segments(name)[0](field))

    def value(self, path):
        name, segment, field, repetition, component, part = _PATH.fullmatch(
            path
        ).groups()
        try:
            found = self.message.segments(name)[int(segment or 1) - 1](int(field))
            for index in (repetition or 1, component or 1, part or 1):
                if isinstance(found, str):
                    found = found if int(index) == 1 else ""
                else:
                    found = found(int(index))
        except (KeyError, IndexError):
            return ""
        return self.message.unescape(str(found))


class Hl7Kit:
    """hl7kit, which takes such paths itself."""

    def __init__(self, text):
        self.message = hl7kit.parse(text.encode())

    def count(self, name):
        return self.message.segments().count(name)

    def repetitions(self, name, field):
        return (self.message.get(f"{name}-{field}") or "").count("~") + 1

    def value(self, path):
        if path.count(".") == 1:
            path += ".1"
        return (self.message.get(path) or "").replace("\\T\\", "&")


def expected(oracle):
    """Return what a record says, taken from an oracle; empty values left out."""
    body = _taken(oracle, HEADER)
    if oracle.count("PID"):
        body["patient"] = _taken(oracle, PATIENT) | {
            "identifiers": _identifiers(oracle, "PID", 3)
        }
    if oracle.count("MRG"):
        body["merge"] = _taken(oracle, MERGE) | {
            "identifiers": _identifiers(oracle, "MRG", 1)
        }
    if oracle.count("PV1"):
        body["visit"] = _taken(oracle, VISIT) | {
            "location": _taken(oracle, LOCATION),
            "attending": _taken(oracle, {"id": "PV1-7.1"}),
        }
    if oracle.count("SCH"):
        body["appointment"] = _taken(oracle, APPOINTMENT)
    body["transactions"] = _each(oracle, "FT1", TRANSACTION)
    body["orders"] = _each(oracle, "ORC", ORDER)
    return _bare(body)


def found(body):
    """Return the same part of our record, times as their digits."""
    given = {key: body[key] for key in HEADER if key in body}
    patient = body.get("patient", {})
    given["patient"] = {
        key: patient[key] for key in (*PATIENT, "identifiers") if key in patient
    }
    given["merge"] = body.get("merge", {})
    visit = body.get("visit", {})
    given["visit"] = {key: visit[key] for key in (*VISIT, "location") if key in visit}
    given["visit"]["attending"] = {"id": visit.get("attending", {}).get("id", "")}
    appointment = body.get("appointment", {})
    given["appointment"] = {
        key: appointment[key] for key in APPOINTMENT if key in appointment
    }
    given["transactions"] = [
        {key: line[key] for key in TRANSACTION if key in line}
        for line in body.get("transactions", [])
    ]
    given["orders"] = [
        {key: order[key] for key in ORDER if key in order}
        for order in body.get("orders", [])
    ]
    return _bare(given)


def _identifiers(oracle, name, field):
    return [
        {
            "value": oracle.value(f"{name}-{field}[{at}].1"),
            "authority": oracle.value(f"{name}-{field}[{at}].4.1")
            or oracle.value(f"{name}-{field}[{at}].4.2"),
            "type": oracle.value(f"{name}-{field}[{at}].5"),
        }
        for at in range(1, oracle.repetitions(name, field) + 1)
        if oracle.value(f"{name}-{field}[{at}].1")
    ]


def _each(oracle, name, paths):
    return [
        _taken(oracle, {key: f"{name}[{at}]{path}" for key, path in paths.items()})
        for at in range(1, oracle.count(name) + 1)
    ]


def _taken(oracle, paths):
    return {key: oracle.value(path) for key, path in paths.items()}


def _bare(value, key=""):
    """Leave out what is empty or deleted; reduce times to their digits."""
    if value == '""':
        return None
    if isinstance(value, dict):
        bare = {name: _bare(item, name) for name, item in value.items()}
        return {name: item for name, item in bare.items() if item}
    if isinstance(value, list):
        return [bare for bare in map(_bare, value) if bare]
    if key.endswith(("_at", "date")):
        return re.sub(r"\D", "", value)[: 8 if key.endswith("date") else None]
    return value
