"""The billing folder: every 837, 999, 277CA and 835 file."""

from collections import Counter
from pathlib import Path

from sandbox.files.billing.acknowledgements import acknowledgement_files
from sandbox.files.billing.claims837 import claim_files
from sandbox.files.billing.remittances835 import remittance_files
from sandbox.files.people import practitioners
from sandbox.hospital import Hospital


def write_billing(hospital: Hospital, folder: Path) -> Counter[str]:
    """Write the folder and return the number of files by kind."""
    counts: Counter[str] = Counter()
    sent = list(claim_files(hospital.courses, practitioners()))
    for file in sent:
        (folder / file.name).write_bytes(file.content)
        counts[f"837{file.submissions[0].kind}"] += 1
    for kind, name, content in acknowledgement_files(sent):
        (folder / name).write_bytes(content)
        counts[kind] += 1
    for name, content, _ in remittance_files(hospital.remittances):
        (folder / name).write_bytes(content)
        counts["835"] += 1
    return counts
