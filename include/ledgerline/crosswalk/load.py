"""Load the customer's reference folder: all of it, or nothing."""

from __future__ import annotations

from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

from ledgerline.canonical.errors import SourceMissing
from ledgerline.crosswalk import csv_file, repository
from ledgerline.crosswalk.csv_file import ReferenceInvalid, Row
from ledgerline.crosswalk.table import TABLES

_CODE = slice(0, 4)
_FROM, _TO = 5, 6


def load_reference(dsn: str, folder: str | Path) -> int:
    """Replace the reference tables by the CSV files of a folder; return the rows.

    Raises SourceMissing for a folder or file that is not there, and ReferenceInvalid
    naming the file and the fault. On any error the tables stay as they were.
    """
    root = Path(folder)
    if not root.is_dir():
        raise SourceMissing(
            f"the reference folder {root} does not exist; set LEDGERLINE_REFERENCE to "
            "the folder with your CSV files"
        )
    contents = {table: csv_file.read(root, table) for table in TABLES}
    crosswalk = next(table for table in TABLES if table.name == "crosswalk")
    refuse_overlaps(contents[crosswalk])
    return repository.replace(dsn, root, contents)


def refuse_overlaps(rows: list[Row]) -> None:
    """Refuse two meanings of one code on one day; `valid_to` is exclusive."""
    periods = sorted(
        ((row[_CODE], _day(row[_FROM]), _day(row[_TO])) for row in rows),
        key=lambda period: (tuple(map(str, period[0])), period[1]),
    )
    for code, group in groupby(periods, key=itemgetter(0)):
        for (_, _, end), (_, begin, _) in pairwise(group):
            if begin < end:
                raise ReferenceInvalid(
                    "crosswalk.csv: periods overlap for "
                    f"{' / '.join(str(part) for part in code)} from {begin}; "
                    "end one period before the next begins"
                )


def _day(text: str | None) -> date:
    if text is None:
        return date.max
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ReferenceInvalid(
            f"crosswalk.csv: {text!r} is not a date; write it as yyyy-mm-dd"
        ) from error
