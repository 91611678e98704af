"""The defects that every generation contains, with the outcome that each must have."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from sandbox.files.table import write_table

COLUMNS = (
    "defect_code",
    "source",
    "file_name",
    "resource_type",
    "locator",
    "expected_class",
    "is_quarantined",
    "expected_outcome",
)
DUPLICATED_FILE = "MVH_837I_20260209.edi"
DUPLICATE_NAME = "MVH_837I_20260209_resent.edi"

Row = tuple[str, ...]


def plant(sandbox: Path, in_messages: Iterable[Row]) -> int:
    """Plant the defects of files, list every defect, and return their number.

    `in_messages` are the rows of what is wrong within the HL7 feed.
    """
    billing = sandbox / "billing"
    shutil.copyfile(billing / DUPLICATED_FILE, billing / DUPLICATE_NAME)
    resent: Row = (
        "duplicate_file",
        "billing_x12",
        DUPLICATE_NAME,
        "837.claim",
        f"same bytes as {DUPLICATED_FILE}",
        "DUP_FILE",
        "false",
        "no record, the file is logged as a duplicate",
    )
    path = sandbox / "truth" / "defects.csv"
    return write_table(path, COLUMNS, [resent, *in_messages])
