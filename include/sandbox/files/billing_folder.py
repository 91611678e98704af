"""The billing folder: every 837 and 835 file."""

from collections import Counter
from pathlib import Path

from sandbox.files.claims837 import claim_files
from sandbox.files.people import practitioners
from sandbox.files.remittances835 import remittance_files
from sandbox.hospital import Hospital


def write_billing(hospital: Hospital, folder: Path) -> Counter[str]:
    """Write the folder and return the number of files by kind."""
    counts: Counter[str] = Counter()
    for name, content, claims in claim_files(hospital.claims, practitioners()):
        (folder / name).write_bytes(content)
        counts[f"837{claims[0].kind}"] += 1
    for name, content, _ in remittance_files(hospital.remittances):
        (folder / name).write_bytes(content)
        counts["835"] += 1
    return counts
