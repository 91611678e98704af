"""The defects that every generation contains, with the outcome that each must have."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandbox.extract.period import period
from sandbox.files.billing.claims837 import claim_file_name
from sandbox.files.billing.remittances835 import file_name
from sandbox.files.table import write_table
from sandbox.files.x12 import day
from sandbox.hospital import Hospital
from sandbox.network.facilities import Delimiters

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
SOURCE = "billing_x12"
DUPLICATED_WEEK = 5
WITHOUT_PRIOR = "replacement_without_prior"
WITHOUT_ORIGINAL = "reversal_without_original"

Row = tuple[str, ...]


def plant(hospital: Hospital, sandbox: Path, in_messages: Iterable[Row]) -> int:
    """Plant the defects of files, list every defect, and return their number.

    `in_messages` are the rows of what is wrong within the HL7 feed.
    """
    billing = sandbox / "billing"
    claim_file = f"MVH_837I_{day(period().week(DUPLICATED_WEEK))}.edi"
    payer_file = min(path.name for path in billing.glob("835_*.edi"))
    rows = [
        *(_resent(billing, name) for name in (claim_file, payer_file)),
        *_replacements(hospital, billing),
        *_payments(hospital, billing),
    ]
    path = sandbox / "truth" / "defects.csv"
    return write_table(path, COLUMNS, [*rows, *in_messages])


def _resent(billing: Path, name: str) -> Row:
    again = name.replace(".edi", "_resent.edi")
    shutil.copyfile(billing / name, billing / again)
    return (
        "duplicate_file",
        SOURCE,
        again,
        "837.claim" if "_837" in name else "835.claim",
        f"same bytes as {name}",
        "DUP_FILE",
        "false",
        "no record, the file is logged as a duplicate",
    )


def _place(content: bytes, delimiters: Delimiters, *beginning: str) -> str:
    """Return where the segment begins that starts with these elements."""
    end = delimiters.segment + delimiters.after_segment
    text = end + delimiters.element.join(beginning) + delimiters.element
    return f"byte {content.index(text.encode()) + len(end)}"


def _replacements(hospital: Hospital, billing: Path) -> Iterator[Row]:
    """Yield every replacement whose prior nobody has."""
    for course in hospital.courses:
        if course.path != WITHOUT_PRIOR:
            continue
        [sent] = course.submissions
        name, facility = claim_file_name(sent), sent.facility
        delimiters = (
            facility.institutional if sent.kind == "I" else facility.professional
        )
        content = (billing / name).read_bytes()
        yield (
            WITHOUT_PRIOR,
            SOURCE,
            name,
            "837.claim",
            _place(content, delimiters, "CLM", sent.encounter.account_number),
            "ORDER_WAIT",
            "true",
            "the claim is held and its charges count nowhere until its prior comes",
        )


def _payments(hospital: Hospital, billing: Path) -> Iterator[Row]:
    """Yield every payment that takes back, or answers, what nobody has."""
    unsent = {c.claim.claim_id for c in hospital.courses if not c.is_sent}
    for remittance in hospital.remittances:
        name = file_name(remittance)
        delimiters = remittance.facility.remittance
        for decision in remittance.decisions:
            account = decision.submission.encounter.account_number
            is_orphan = decision.is_reversal and not decision.takes_back
            if not (is_orphan or decision.submission.claim_id in unsent):
                continue
            content = (billing / name).read_bytes()
            place = _place(content, delimiters, "CLP", account, decision.status)
            where = (SOURCE, name, "835.claim", place)
            if is_orphan:
                outcome = "the cash counts; the reversal waits for its original"
                yield WITHOUT_ORIGINAL, *where, "ORDER_WAIT", "true", outcome
            elif decision.submission.encounter.encounter_id:
                outcome = "the cash counts, with the service line of its visit"
                yield "never_sent", *where, "NO_CLAIM", "false", outcome
            else:
                outcome = "the cash counts, unmapped, and its entries wait"
                yield "never_sent", *where, "HOLD", "false", outcome
