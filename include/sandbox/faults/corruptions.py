"""Named corruptions of one generation, each with the scope it taints."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.billing.claims import Claim
from sandbox.files.claims837 import ClaimFile, claim_files, envelope
from sandbox.files.people import practitioners
from sandbox.files.remittances835 import file_name
from sandbox.hospital import Hospital
from sandbox.money import text
from sandbox.network.payers import PAYERS, native_id

Tainted = dict[str, Any]

UNKNOWN_PAYER_ID = "ZZ999"
UNBALANCED_BY = 10_000
RESENT_FILE = "LGH_837I_20260302.edi"
RESENT_CONTROL_NUMBER = 900_001
UNKNOWN_PAYER_FILE = "MVH_837I_20260216.edi"


def _accounts(claims: Iterable[Claim]) -> list[str]:
    return sorted({claim.encounter.account_number for claim in claims})


def _scope(facility_code: str, files: list[str], claims: list[Claim]) -> Tainted:
    return {
        "facility": facility_code,
        "files": sorted(files),
        "accounts": _accounts(claims),
        "claim_ids": sorted(claim.claim_id for claim in claims),
        "charge_amount": text(sum(claim.charge for claim in claims)),
    }


def _file_of(hospital: Hospital, name: str) -> list[Claim]:
    """Return the claims of one 837 file."""
    for listed, _, claims in claim_files(hospital.claims, practitioners()):
        if listed == name:
            return claims
    raise LookupError(name)


def drop_charges(hospital: Hospital, billing: Path) -> Tainted:
    """Remove every 837 file of LGH, and its charges from the HL7 feed."""
    files = sorted(billing.glob("LGH_837*.edi"))
    entered = sorted(billing.with_name("hl7").glob("LGH_*_dft.hl7"))
    for path in (*files, *entered):
        path.unlink()
    claims = [claim for claim in hospital.claims if claim.facility.code == "LGH"]
    return _scope("LGH", [path.name for path in files], claims)


def duplicate_claim_file(hospital: Hospital, billing: Path) -> Tainted:
    """Send the claims of one file again a week later, under new control numbers."""
    claims = _file_of(hospital, RESENT_FILE)
    first = envelope(claims[0], RESENT_CONTROL_NUMBER)
    again = replace(first, sent_on=first.sent_on + timedelta(days=7))
    name = RESENT_FILE.replace(".edi", "_copy.edi")
    (billing / name).write_bytes(ClaimFile(claims, practitioners()).build(again))
    return _scope("LGH", [name, RESENT_FILE], claims)


def unknown_payer(hospital: Hospital, billing: Path) -> Tainted:
    """Give the employer plans of one file an id that no crosswalk knows."""
    payer = PAYERS["EMPLOYER"]
    claims = [
        claim
        for claim in _file_of(hospital, UNKNOWN_PAYER_FILE)
        if claim.encounter.patient.payer is payer
    ]
    known = native_id(payer, claims[0].facility)
    path = billing / UNKNOWN_PAYER_FILE
    content = path.read_bytes()
    path.write_bytes(
        content.replace(f"*PI*{known}~".encode(), f"*PI*{UNKNOWN_PAYER_ID}~".encode())
    )
    return {**_scope("MVH", [path.name], claims), "payer_id": UNKNOWN_PAYER_ID}


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
    claims = [decision.claim for decision in remittance.decisions]
    return {
        **_scope("LGH", [name], claims),
        "trace_number": remittance.trace_number,
        "stated_amount": wrong,
        "balanced_amount": stated,
    }


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
