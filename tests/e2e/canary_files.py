"""A small hospital whose patient is unmistakable, in files that are fine and spoiled.

Every value that identifies the patient is in `CANARIES`; where a file is spoiled, the
spoiled value is one of them, so that an error that shows it shows a canary.
"""

import json
import re
from pathlib import Path

AMENDED = 8
"""Which of the spoiled files of claims is the sent one, with other content."""
MESSAGES = Path(__file__).parents[1] / "messages"
CLASSES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
FAMILY, GIVEN = "Zyxquandor", "Quibbletta"
MRN, MEMBER = "CNRY4471903", "MBRQ90317745X"
STREET, PHONE = "7719 Vexhollow Terrace", "5085550193"
MAIL, SSN = "qz@zyx-canary.invalid", "987654329"
NOTE = "whispers zebrafinch lullabies"
CANARIES = {
    "family name": [FAMILY],
    "given name": [GIVEN],
    "record number": [MRN],
    "member id": [MEMBER],
    "street": [STREET],
    "phone": [PHONE, "(508) 555-0193"],
    "e-mail": [MAIL],
    "social security number": [SSN, "987-65-4329"],
    "birth date": ["1911-11-13", "19111113"],
    "free text": [NOTE],
}
"""By what they are: each value as it is written in the files."""
PATIENT = {
    "resourceType": "Patient",
    "id": "canary",
    "identifier": [
        {"type": {"coding": [{"code": "MR"}]}, "system": "urn:mrn", "value": MRN},
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "987-65-4329"},
    ],
    "text": {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{GIVEN} {FAMILY}</div>',
    },
    "name": [{"family": FAMILY, "given": [GIVEN], "text": f"{GIVEN} {FAMILY}"}],
    "telecom": [
        {"system": "phone", "value": "(508) 555-0193"},
        {"system": "email", "value": MAIL},
    ],
    "gender": "female",
    "birthDate": "1911-11-13",
    "address": [{"line": [STREET], "city": "Salem", "postalCode": "01970"}],
    "contact": [{"name": {"family": FAMILY}}],
}
SUBJECT = {"reference": "Patient/canary", "display": f"{GIVEN} {FAMILY}"}
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "canary-stay",
    "identifier": [{"type": {"coding": [{"code": "AN"}]}, "value": "MVH0000009"}],
    "status": "finished",
    "class": {"system": CLASSES, "code": "IMP"},
    "type": [{"text": NOTE}],
    "subject": SUBJECT,
    "reasonCode": [{"text": f"{GIVEN} {NOTE}"}],
    "period": {"start": "2026-02-01T10:00:00Z", "end": "2026-02-05T11:00:00Z"},
}
COVERAGE = {
    "resourceType": "Coverage",
    "id": "canary-coverage",
    "status": "active",
    "subscriberId": MEMBER,
    "beneficiary": SUBJECT,
    "payor": [SUBJECT],
}
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "canary-appointment",
    "status": "booked",
    "description": NOTE,
    "comment": f"call {GIVEN} at {PHONE}",
    "start": "2026-03-01T10:00:00Z",
    "end": "2026-03-01T11:00:00Z",
    "participant": [{"actor": SUBJECT, "status": "accepted"}],
}


def _spoiled_resources():
    """Yield lines that are refused, each for the sake of a canary."""
    for number, change in enumerate(
        (
            {"birthDate": f"19111113 {FAMILY}"},
            {"birthDate": "1911-13-11", "name": [{"family": FAMILY}]},
            {"gender": FAMILY},
            {"name": f"{GIVEN} {FAMILY}"},
            {"address": [STREET]},
            {"telecom": [{"system": MAIL, "value": PHONE}]},
            {"active": NOTE},
            {"multipleBirthInteger": SSN},
            {FAMILY: GIVEN},
            {"name": [{"family": f"{FAMILY}\0"}]},
            {"name": [{"family": f"{FAMILY}\ud800"}]},
            {"deceasedDateTime": NOTE},
            {"id": f"{FAMILY} {GIVEN}"},
            {"id": None},
        )
    ):
        yield json.dumps(PATIENT | {"id": f"spoiled-{number}"} | change)
    for number, change in enumerate(
        (
            {"status": FAMILY},
            {"subject": {"reference": f"{GIVEN} {FAMILY}"}},
            {"subject": f"Patient/{MRN}"},
            {"period": {"start": f"{NOTE}"}},
            {"length": {"value": MRN}},
            {"class": NOTE},
        )
    ):
        yield json.dumps(ENCOUNTER | {"id": f"spoiled-stay-{number}"} | change)
    whole = json.dumps(PATIENT | {"id": "twice"})
    yield whole.replace('"gender"', f'"{FAMILY}": 1, "{FAMILY}": 2, "gender"')
    yield whole.replace('"female"', f"{FAMILY}")
    yield whole.replace('"female"', "NaN")
    yield json.dumps({"resourceType": FAMILY, "id": "what"})
    yield json.dumps([f"{GIVEN} {FAMILY}"])
    yield f"{GIVEN} {FAMILY} {NOTE}"
    yield whole[: len(whole) // 2]


def ehr(folder):
    """Write the EHR's extract: 300 patients and the canary's records."""
    others = [
        {"resourceType": "Patient", "id": f"p{number}", "gender": "female"}
        for number in range(300)
    ]
    stays = [
        ENCOUNTER
        | {
            "id": f"e{number}",
            "identifier": [{"system": "urn:visit", "value": f"V{number}"}],
            "subject": {"reference": f"Patient/p{number}"},
        }
        for number in range(300)
    ]
    good = [*others, *stays, PATIENT, ENCOUNTER, COVERAGE, APPOINTMENT]
    lines = [json.dumps(resource) for resource in good]
    (folder / "export.ndjson").write_text("\n".join(lines) + "\n")


def spoiled_ehr(folder):
    """Write resources and files that are refused."""
    spoiled = "\n".join(_spoiled_resources())
    (folder / "spoiled.ndjson").write_text(spoiled)
    whole = json.dumps(PATIENT)
    (folder / "cut.json").write_text(f'{{"resourceType":"Bundle","entry":[{whole[:99]}')
    (folder / "table.csv").write_text(f"{FAMILY},{GIVEN},{MRN}\n{STREET},{NOTE},{SSN}")


PID = (
    f"PID|1||{MRN}^^^MVH^MR~{SSN}^^^SSA^SS||{FAMILY}^{GIVEN}||19111113|F|||"
    f"{STREET}^^Salem^MA^01970||{PHONE}^PRN^PH^{MAIL}|||||MVH0000123^^^MVH^AN|{SSN}"
)
MORE = (
    f"NK1|1|{FAMILY}^{GIVEN}||{STREET}|{PHONE}\r"
    f"IN1|1|PLAN|BP001|BIG PAYER|||||||||||{FAMILY}^{GIVEN}||19111113|{STREET}"
    f"|||||||||||||||||{MEMBER}\rNTE|1||{NOTE}"
)


def _messages():
    """Yield each sample message with the canary as its patient."""
    for path in sorted(MESSAGES.glob("*.hl7")):
        content = path.read_text().replace("\n", "\r").replace("\r\r", "\r")
        lines = []
        for line in content.split("\r"):
            if line.startswith("PID") and "1001^^^MVH^MR" in line:
                lines += [PID]
            elif line.startswith("DG1"):
                lines += [line, MORE]
            else:
                lines.append(line.replace("1001^^^MVH^MR", f"{MRN}^^^MVH^MR"))
        yield path.name, "\r".join(lines)


def _spoiled(message):
    """Yield a message broken where a canary stands."""
    yield message.replace("|19111113|", f"|{FAMILY}|")
    yield message.replace("PID|1|", f"PID|1{FAMILY}|").replace("PV1|1", "ZV1|1")
    yield message.replace("\rPID", f"\r{FAMILY} {GIVEN}\rPID")
    yield message.replace("\rPID", f"\n{FAMILY}\rPID")
    yield message.replace("|P|2.5.1", f"|P|2.5.1||||||{FAMILY}")
    yield message.replace("ADT^A08^ADT_A01", f"{FAMILY}^{GIVEN}")
    yield message.replace("20260314081500-0500", f"{NOTE}")
    yield message.replace("|20260314|", f"|{NOTE}|")
    yield message.replace("1250.00&USD", f"{FAMILY}&USD")
    yield message.replace("|1|1250.00", f"|{SSN}{FAMILY}|1250.00")
    yield message.replace("|CG|", f"|{FAMILY}|")
    yield message.replace("|F|||", f"|F|{FAMILY}||")  # the same number, other content
    yield message[: message.index("|19111113")]
    yield f"{FAMILY}|{GIVEN}|{NOTE}"


def hl7(folder):
    """Write the interface's messages."""
    for name, message in _messages():
        (folder / name).write_text(message)


def spoiled_hl7(folder):
    """Write messages that are refused."""
    for name, message in _messages():
        if "ADT^A08" in message or "DFT^P03" in message:
            for number, spoiled in enumerate(_spoiled(message)):
                other = spoiled.replace("|M", f"|S{number}M", number != 11)
                path = folder / f"spoiled_{number}_{name}"
                path.write_bytes(other.encode("latin-1"))
    (folder / "not_utf8.hl7").write_bytes(
        next(_messages())[1].replace(GIVEN, f"{GIVEN}\xe9").encode("latin-1")
    )


PATIENT_LOOP = (
    f"NM1*IL*1*{FAMILY}*{GIVEN}****MI*{MEMBER}~\nN3*{STREET}~\nN4*SALEM*MA*01970~\n"
    f"DMG*D8*19111113*F~\nREF*SY*{SSN}~\nPER*IC*{FAMILY}*TE*{PHONE}*EM*{MAIL}~\n"
)


def _transactions():
    """Yield each sample file of claims with the canary as its patient."""
    for path in sorted(MESSAGES.iterdir()):
        is_claim = path.suffix in {".837", ".835", ".277", ".276"}
        if not is_claim or path.name.startswith("two_"):
            continue
        content = path.read_text()
        if path.suffix == ".837":
            content = content.replace("NM1*IL*1*DOE*JANE****MI*ZZ1~\n", PATIENT_LOOP)
            content = content.replace("SE*30*", "SE*35*")
            content = content.replace("REF*F8*OLDCTRL~", f"NTE*ADD*{NOTE}~")
        content = content.replace(
            "DOE*JANE****MI*ZZ1", f"{FAMILY}*{GIVEN}****MI*{MEMBER}"
        )
        content = content.replace("DOE*JANE", f"{FAMILY}*{GIVEN}")
        yield path, content.replace("MRN77", MRN).replace("19610203", "19111113")


def _spoiled_claims(content):
    """Yield a file of claims broken where a canary stands."""
    yield content.replace("D8*20260202", f"D8*{FAMILY}")
    yield content.replace("RD8*20260201-20260205", f"RD8*{NOTE}")
    yield content.replace("*5120.50*", f"*{FAMILY}*").replace("*300.00*", f"*{FAMILY}*")
    yield content.replace("*150.00*", f"*{SSN}*")
    yield content.replace("HL*2*1", f"HL*{FAMILY}*1")
    yield content.replace("NM1*IL", f"{FAMILY}*IL").replace("NM1*QC", f"{FAMILY}*QC")
    yield content.replace("SE*", f"SE*{FAMILY}")
    yield content.replace("BP001", "XX404")
    yield content.replace(GIVEN, f"{GIVEN}TWO")
    yield content.replace("*U*00501*", f"*{FAMILY}*00501*").replace(
        "ST*", f"ST*{FAMILY}"
    )
    yield (
        content[: content.index(FAMILY) + len(FAMILY) + 3] if FAMILY in content else ""
    )
    yield f"{FAMILY} {GIVEN} {NOTE}"


def x12(folder):
    """Write claims, remittances and answers."""
    for path, content in _transactions():
        (folder / path.name).write_text(content)


def spoiled_x12(folder):
    """Write the same spoiled; all but one under control numbers of their own."""
    for path, content in _transactions():
        for number, spoiled in enumerate(_spoiled_claims(content)):
            fresh = rf"\g<1>0{number:02}00\g<2>"
            other = re.sub(r"([*|])00000(\d{4})", fresh, spoiled)
            kept = spoiled if number == AMENDED else other
            if kept and kept != content:
                (folder / f"spoiled_{number}_{path.name}").write_text(kept)
