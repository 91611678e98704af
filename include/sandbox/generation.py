"""Generates the sandbox's folders, all or nothing, and only when something changed."""

import hashlib
import json
import shutil
from pathlib import Path

from sandbox.ehr.folder import write_ehr
from sandbox.extract.reader import folder
from sandbox.faults.corruptions import corrupt
from sandbox.faults.defects import plant
from sandbox.files.billing.folder import write_billing
from sandbox.files.erp_inputs import write_erp_inputs
from sandbox.files.reference import write_reference
from sandbox.hl7.feed import Feed, compose
from sandbox.hl7.folder import fault_rows, write_feed
from sandbox.hospital import Hospital, found
from sandbox.truth.findings import Truth, find
from sandbox.truth.folder import totals, write_totals, write_truth
from sandbox.truth.tables.visits import write_visits

FOLDERS = ("ehr", "hl7", "billing", "reference", "erp", "truth")
SHARED_FOLDER = "erp"
STAMP = "generation.json"
INCOMING = ".incoming"
OUTGOING = ".outgoing"
SERVERS = {"erp", "fhir"}
CODE_SUFFIXES = {".py", ".csv", ".gz"}


def code_version() -> str:
    """Return a hash of everything that decides what is generated."""
    digest = hashlib.sha256()
    for place in (Path(__file__).parent, folder()):
        for path in sorted(place.rglob("*")):
            inside = path.relative_to(place)
            if path.suffix in CODE_SUFFIXES and inside.parts[0] not in SERVERS:
                digest.update(
                    inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
                )
    return digest.hexdigest()


def _fingerprint(seed: int, corruption: str) -> str:
    return hashlib.sha256(f"{code_version()}|{seed}|{corruption}".encode()).hexdigest()


def _earlier_summary(sandbox: Path, fingerprint: str) -> list[str] | None:
    """Return what an unchanged generation said, if one is complete on disk."""
    try:
        stamp = json.loads((sandbox / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_complete = all((sandbox / name).is_dir() for name in FOLDERS)
    if stamp.get("fingerprint") != fingerprint or not is_complete:
        return None
    return [*stamp["summary"], "unchanged since the last generation"]


def _write_all(
    truth: Truth, feed: Feed, incoming: Path, corruption: str
) -> dict[str, dict[str, int]]:
    hospital = truth.hospital
    for name in FOLDERS:
        (incoming / name).mkdir(parents=True)
    counts: dict[str, dict[str, int]] = {
        "ehr": dict(write_ehr(hospital, incoming / "ehr")),
        "billing": dict(write_billing(hospital, incoming / "billing")),
        "reference": write_reference(incoming / "reference"),
        "erp": write_erp_inputs(hospital, incoming / "erp"),
        "truth": write_truth(truth, incoming / "truth"),
    }
    counts["truth"] |= write_visits(hospital.encounters, feed, incoming / "truth")
    counts["hl7"], faults = write_feed(feed, incoming / "hl7")
    counts["truth"]["defects"] = plant(hospital, incoming, fault_rows(faults))
    write_totals(truth, counts, incoming / "truth")
    if corruption:
        corrupt(corruption, hospital, incoming)
    return counts


def _summary(
    truth: Truth, counts: dict[str, dict[str, int]], corruption: str
) -> list[str]:
    figures = totals(truth, counts)
    ehr, billing, erp = figures["ehr"], figures["billing"], figures["erp"]
    size = {name: sum(rows.values()) for name, rows in counts.items()}
    claims = billing["institutional_claims"] + billing["professional_claims"]
    lines = [
        f"ehr        {size['ehr']} resources: {ehr['encounters']} encounters, "
        f"{ehr['inpatient_discharges']} discharges, "
        f"{ehr['supply_usages']} supply usages",
        f"hl7        {size['hl7']} messages: {counts['hl7']['DFT^P03']} of charges, "
        f"{counts['truth']['visits']} visits, "
        f"{counts['truth']['appointments']} appointments",
        f"billing    {size['billing']} files: {claims} claims over "
        f"{billing['gross_charge_amount']}, {billing['claim_payments']} payments "
        f"of {billing['paid_amount']}",
        f"reference  {size['reference']} rows in {len(counts['reference'])} tables",
        f"erp        {size['erp']} rows: {counts['erp']['items']} items, payroll "
        f"{erp['payroll_amount']}, overhead {erp['overhead_amount']}",
        f"truth      {size['truth']} rows, "
        f"{counts['truth']['defects']} planted defects",
    ]
    if corruption:
        lines.append(f"corrupted  {corruption}: see truth/corruption.json")
    return lines


def _swap(sandbox: Path, incoming: Path) -> None:
    """Put the new folders in the place of the old ones.

    The folder `erp` also holds the state of the ERP's server: only our files in it
    are replaced.
    """
    outgoing = sandbox / OUTGOING
    outgoing.mkdir()
    for name in FOLDERS:
        if name == SHARED_FOLDER:
            continue
        if (sandbox / name).exists():
            (sandbox / name).rename(outgoing / name)
        (incoming / name).rename(sandbox / name)
    (sandbox / SHARED_FOLDER).mkdir(exist_ok=True)
    for path in sorted((incoming / SHARED_FOLDER).iterdir()):
        path.replace(sandbox / SHARED_FOLDER / path.name)
    shutil.rmtree(outgoing)
    shutil.rmtree(incoming)


def generate(home: Path, seed: int, corruption: str = "") -> list[str]:
    """Generate `home`/sandbox and return one line a folder.

    Nothing is replaced before everything is written. A generation that was cut off
    leaves no stamp, so the next one starts afresh.
    """
    sandbox = home / "sandbox"
    fingerprint = _fingerprint(seed, corruption)
    earlier = _earlier_summary(sandbox, fingerprint)
    if earlier is not None:
        return earlier
    incoming = sandbox / INCOMING
    for left_over in (incoming, sandbox / OUTGOING):
        if left_over.exists():
            shutil.rmtree(left_over)
    incoming.mkdir(parents=True)
    hospital: Hospital = found(seed)
    truth = find(hospital)
    counts = _write_all(truth, compose(hospital), incoming, corruption)
    summary = _summary(truth, counts, corruption)
    stamp = {
        "fingerprint": fingerprint,
        "seed": seed,
        "corrupt": corruption,
        "summary": summary,
    }
    (sandbox / STAMP).unlink(missing_ok=True)
    _swap(sandbox, incoming)
    temporary = sandbox / f"{STAMP}.new"
    temporary.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    temporary.replace(sandbox / STAMP)
    return summary
