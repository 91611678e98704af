"""Encounters, their conditions and procedures, completed by what billing knows."""

from collections.abc import Iterator

from sandbox.care.cases import Case, case_of
from sandbox.care.encounters import Encounter
from sandbox.ehr.places import area_id, department_reference, room_id
from sandbox.extract.reader import Resource, Stay, resources
from sandbox.network.clocks import instant, told

DIAGNOSIS_ROLE = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
DISPOSITION_NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
CONDITION = "http://terminology.hl7.org/CodeSystem/condition"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
DISPOSITIONS = {"01": "home", "02": "other-hcf", "03": "snf", "06": "oth", "20": "exp"}
SURGICAL = {
    "system": "http://snomed.info/sct",
    "code": "387713003",
    "display": "Surgical procedure",
}
THERAPEUTIC = {
    "system": "http://snomed.info/sct",
    "code": "277132007",
    "display": "Therapeutic procedure",
}
INPATIENT = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "IMP",
    "display": "inpatient encounter",
}


def _identifiers(encounter: Encounter) -> list[Resource]:
    prefix, account = encounter.facility.prefix, encounter.account_number
    return [
        {
            "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": code}]},
            "system": f"urn:{prefix}:{name}",
            "value": value,
        }
        for code, name, value in (
            ("AN", "account", account),
            ("VN", "visit", account.replace(encounter.facility.code, "V", 1)),
        )
    ]


def _places(encounter: Encounter) -> list[Resource]:
    """Return where the encounter took place; the area when the department is ours."""
    prefix = encounter.facility.prefix
    stay = encounter.stay
    if encounter.encounter_class == "EMER" or (stay and stay.department_code):
        identity = area_id(encounter.facility, encounter.department_code)
        return [
            {"location": {"reference": f"Location/{identity}"}, "status": "completed"}
        ]
    return [
        {**place, "location": {"reference": f"Location/{prefix}-{reference}"}}
        for place in encounter.resource["location"]
        if (reference := place["location"]["reference"].partition("/")[2])
    ]


def _disposition(stay: Stay) -> Resource:
    code = DISPOSITIONS[stay.disposition]
    return {
        "coding": [
            {"system": DISPOSITION, "code": code},
            {"system": DISPOSITION_NUBC, "code": stay.disposition},
        ]
    }


def _condition_id(stay: Stay, rank: int) -> str:
    return f"cond-{stay.encounter_id}-{rank:02d}"


def _complete_stay(resource: Resource, encounter: Encounter, stay: Stay) -> None:
    """Write the stay's class, end, diagnoses and disposition into the encounter."""
    resource["class"] = INPATIENT
    resource["hospitalization"] = {
        **resource.get("hospitalization", {}),
        "dischargeDisposition": _disposition(stay),
    }
    resource["diagnosis"] = [
        {
            "condition": {"reference": f"Condition/{_condition_id(stay, rank)}"},
            "use": {
                "coding": [
                    {"system": DIAGNOSIS_ROLE, "code": "DD" if rank == 1 else "CM"}
                ]
            },
            "rank": rank,
        }
        for rank in range(1, len(stay.diagnoses) + 1)
    ]
    resource["reasonCode"] = [
        {"coding": [{"system": ICD10_CM, "code": stay.diagnoses[0]}]}
    ]
    resource["reasonReference"] = [{"reference": f"Condition/{_condition_id(stay, 1)}"}]
    if stay.days and encounter.end:
        resource["period"] = {
            "start": instant(encounter.start),
            "end": instant(encounter.end),
        }
        resource.pop("length", None)
        type_coding = {"system": "http://snomed.info/sct", "code": "32485007"}
        resource["type"] = [
            {"coding": [{**type_coding, "display": "Hospital admission"}]}
        ]


def encounter_resources(encounters: list[Encounter]) -> Iterator[Resource]:
    """Yield the encounters under their account numbers."""
    for encounter in encounters:
        resource = dict(encounter.resource)
        provider = department_reference(encounter.facility, encounter.department_code)
        resource["identifier"] = _identifiers(encounter)
        resource["serviceProvider"] = {"reference": provider}
        resource["location"] = _places(encounter)
        if encounter.stay:
            _complete_stay(resource, encounter, encounter.stay)
        yield resource


def charted(resource_type: str, encounters: list[Encounter]) -> Iterator[Resource]:
    """Yield the extract's resources as the facilities of their patients tell them."""
    facilities = {each.patient.patient_id: each.facility for each in encounters}
    for resource in resources(resource_type):
        facility = facilities.get(resource["subject"]["reference"].partition("/")[2])
        yield told(facility, resource) if facility else resource


def conditions(encounters: list[Encounter]) -> Iterator[Resource]:
    """Yield the extract's conditions and the diagnoses of the stays."""
    yield from charted("Condition", encounters)
    for encounter in encounters:
        stay = encounter.stay
        for rank, code in enumerate(stay.diagnoses if stay else (), start=1):
            yield {
                "resourceType": "Condition",
                "id": f"cond-{encounter.encounter_id}-{rank:02d}",
                "clinicalStatus": _status("clinical", "active"),
                "verificationStatus": _status("ver-status", "confirmed"),
                "category": [_status("category", "encounter-diagnosis")],
                "code": {"coding": [{"system": ICD10_CM, "code": code}]},
                "subject": {"reference": f"Patient/{encounter.patient.patient_id}"},
                "encounter": {"reference": f"Encounter/{encounter.encounter_id}"},
                "recordedDate": instant(encounter.start),
            }


def _status(name: str, code: str) -> Resource:
    return {"coding": [{"system": f"{CONDITION}-{name}", "code": code}]}


def procedures(encounters: list[Encounter]) -> Iterator[Resource]:
    """Yield the extract's procedures and the stays' ICD-10-PCS procedures.

    What the extract calls surgery is part of the stay's case, when and where it was;
    without a case, nobody operated.
    """
    cases = {
        case.encounter.encounter_id: case
        for case in filter(None, map(case_of, encounters))
    }
    for procedure in charted("Procedure", encounters):
        visit = procedure.get("encounter", {}).get("reference", "")
        case = cases.get(visit.partition("/")[2])
        if case and _is_surgical(procedure):
            procedure = procedure | _performed(case) | _part_of(case)
            procedure.pop("performedPeriod", None)
        elif _is_surgical(procedure):
            procedure = procedure | {"category": {"coding": [THERAPEUTIC]}}
        yield procedure
    for case in cases.values():
        for number, code in enumerate(case.procedures, start=1):
            procedure = _procedure(case.encounter, code) | _performed(case)
            procedure["id"] = f"proc-{case.encounter.encounter_id}-{number}"
            yield procedure if number == 1 else procedure | _part_of(case)


def _is_surgical(procedure: Resource) -> bool:
    codings = procedure.get("category", {}).get("coding", [])
    return any(coding.get("code") == SURGICAL["code"] for coding in codings)


def _procedure(encounter: Encounter, code: str) -> Resource:
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "category": {"coding": [SURGICAL]},
        "code": {"coding": [{"system": ICD10_PCS, "code": code}]},
        "subject": {"reference": f"Patient/{encounter.patient.patient_id}"},
        "encounter": {"reference": f"Encounter/{encounter.encounter_id}"},
    }


def _part_of(case: Case) -> Resource:
    principal = f"Procedure/proc-{case.encounter.encounter_id}-1"
    return {"partOf": [{"reference": principal}]}


def _performed(case: Case) -> Resource:
    """Return when a case was performed, by whom and where."""
    surgeon = {"system": "http://snomed.info/sct", "code": "304292004"}
    place = room_id(case.encounter.facility, case.room)
    return {
        "performedDateTime": instant(case.encounter.start),
        "performer": [
            {
                "function": {"coding": [{**surgeon, "display": "Surgeon"}]},
                "actor": {"reference": f"Practitioner/{case.surgeon_id}"},
            }
        ],
        "location": {"reference": f"Location/{place}"},
    }
