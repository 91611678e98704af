"""Named corruptions of one generation, each with the scope it taints."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.files.billing.claims837 import (
    ClaimFile,
    SentFile,
    claim_files,
    envelope,
)
from sandbox.files.billing.remittances835 import file_name
from sandbox.files.people import practitioners
from sandbox.hospital import Hospital
from sandbox.life_cycle.remittances import Remittance
from sandbox.life_cycle.submission import Submission
from sandbox.money import text
from sandbox.network.payers import PAYERS

Tainted = dict[str, Any]

UNKNOWN_PAYER_ID = "ZZ999"
UNBALANCED_BY = 10_000
RESENT_FILE = "LGH_837I_20260302.edi"
RESENT_CONTROL_NUMBER = 900_001
UNKNOWN_PAYER_FILE = "MVH_837I_20260216.edi"


def _scope(
    facility_code: str, files: list[str], submissions: Iterable[Submission]
) -> Tainted:
    listed = list(submissions)
    return {
        "facility": facility_code,
        "files": sorted(files),
        "accounts": sorted({each.encounter.account_number for each in listed}),
        "claim_ids": sorted({each.claim_id for each in listed}),
        "charge_amount": text(sum(each.charge for each in listed)),
    }


def _in_force(hospital: Hospital) -> list[Submission]:
    return [each for course in hospital.courses for each in course.in_force]


def _file(hospital: Hospital, name: str) -> SentFile:
    for file in claim_files(hospital.courses, practitioners()):
        if file.name == name:
            return file
    raise LookupError(name)


def drop_charges(hospital: Hospital, billing: Path) -> Tainted:
    """Remove every 837 file of NRC, and its charges from the HL7 feed."""
    files = sorted(billing.glob("NRC_837*.edi"))
    entered = sorted(billing.with_name("hl7").glob("NRC_*_dft.hl7"))
    for path in (*files, *entered):
        path.unlink()
    lost = (each for each in _in_force(hospital) if each.facility.code == "NRC")
    return _scope("NRC", [path.name for path in files], lost)


def duplicate_claim_file(hospital: Hospital, billing: Path) -> Tainted:
    """Send the claims of one file again a week later, under new control numbers."""
    file = _file(hospital, RESENT_FILE)
    first = envelope(file.submissions[0], RESENT_CONTROL_NUMBER)
    again = replace(first, sent_on=first.sent_on + timedelta(days=7))
    name = RESENT_FILE.replace(".edi", "_copy.edi")
    content = ClaimFile(file.submissions, practitioners()).build(again)
    (billing / name).write_bytes(content)
    return _scope("LGH", [name, RESENT_FILE], file.submissions)


def unknown_payer(hospital: Hospital, billing: Path) -> Tainted:
    """Give the employer plans of one file an id that no crosswalk knows.

    Claims that are sent more than once keep theirs.
    """
    file = _file(hospital, UNKNOWN_PAYER_FILE)
    known = PAYERS["EMPLOYER"]
    unknown = replace(known, native_id=UNKNOWN_PAYER_ID)
    sent_once = {
        course.claim.claim_id
        for course in hospital.courses
        if course.in_force == course.submissions and len(course.submissions) == 1
    }
    tainted = [
        each
        for each in file.submissions
        if each.payer is known and each.claim_id in sent_once
    ]
    sent = [
        replace(each, payer=unknown) if each in tainted else each
        for each in file.submissions
    ]
    content = ClaimFile(sent, practitioners()).build(file.envelope)
    (billing / file.name).write_bytes(content)
    return {**_scope("MVH", [file.name], tainted), "payer_id": UNKNOWN_PAYER_ID}


def unbalanced_835(hospital: Hospital, billing: Path) -> Tainted:
    """Overstate the payment of one remittance by 100.00."""
    remittance = max(
        (each for each in hospital.remittances if each.facility.code == "LGH"),
        key=lambda each: (each.paid, file_name(each)),
    )
    name = file_name(remittance)
    stated, wrong = text(remittance.paid), text(remittance.paid + UNBALANCED_BY)
    content = (billing / name).read_bytes()
    marked = content.replace(f"BPR*I*{stated}*".encode(), f"BPR*I*{wrong}*".encode(), 1)
    (billing / name).write_bytes(marked)
    answered = [decision.submission for decision in remittance.decisions]
    return {
        **_scope("LGH", [name], answered),
        "standing_amount": text(_standing(hospital, remittance)),
        "trace_number": remittance.trace_number,
        "stated_amount": wrong,
        "balanced_amount": stated,
    }


def _standing(hospital: Hospital, remittance: Remittance) -> int:
    """Return how much more stands while a replacement lacks its reversal."""
    taken_back = {
        decision.submission.claim_id: decision.submission.charge
        for decision in remittance.decisions
        if decision.is_reversal
    }
    in_force = sum(
        each.charge for each in _in_force(hospital) if each.claim_id in taken_back
    )
    return sum(taken_back.values()) - in_force


CORRUPTIONS: dict[str, Callable[[Hospital, Path], Tainted]] = {
    "drop_charges": drop_charges,
    "duplicate_claim_file": duplicate_claim_file,
    "unknown_payer": unknown_payer,
    "unbalanced_835": unbalanced_835,
}


def corrupt(names: str, hospital: Hospital, sandbox: Path) -> None:
    """Corrupt the folders; say in the truth folder what each fault taints.

    `names` is one name of CORRUPTIONS or several, separated by commas.
    """
    tainted = {
        name: CORRUPTIONS[name](hospital, sandbox / "billing")
        for name in names.split(",")
    }
    content = json.dumps(tainted, indent=2)
    (sandbox / "truth" / "corruption.json").write_text(content + "\n", encoding="utf-8")
