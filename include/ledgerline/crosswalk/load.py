"""Load the customer's reference folder: all of it, or nothing."""

from __future__ import annotations

from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

from ledgerline.canonical.errors import SourceMissing
from ledgerline.crosswalk import csv_file, repository
from ledgerline.crosswalk.csv_file import ReferenceInvalid, Row
from ledgerline.crosswalk.table import TABLES, ReferenceTable


def load_reference(dsn: str, folder: str | Path) -> int:
    """Replace the reference tables by the CSV files of a folder; return the rows.

    A table whose file may be left out is empty without it. Raises SourceMissing for a
    folder or file that is not there, and ReferenceInvalid naming the file and the
    fault. On any error the tables stay as they were.
    """
    root = Path(folder)
    if not root.is_dir():
        raise SourceMissing(
            f"the reference folder {root} does not exist; set LEDGERLINE_REFERENCE to "
            "the folder with your CSV files"
        )
    contents = {table: _read(root, table) for table in TABLES}
    for table, rows in contents.items():
        if table.one_meaning:
            refuse_overlaps(table, rows)
    return repository.replace(dsn, root, contents)


def _read(root: Path, table: ReferenceTable) -> list[Row]:
    if not table.is_required and not (root / table.file_name).exists():
        return []
    return csv_file.read(root, table)


def refuse_overlaps(table: ReferenceTable, rows: list[Row]) -> None:
    """Refuse two meanings of one code on one day; `valid_to` is exclusive."""
    codes = [table.columns.index(name) for name in table.one_meaning]
    begins, ends = map(table.columns.index, ("valid_from", "valid_to"))
    periods = sorted(
        (
            tuple(str(row[code]) for code in codes),
            _day(table, row[begins]),
            _day(table, row[ends]),
        )
        for row in rows
    )
    for code, group in groupby(periods, key=itemgetter(0)):
        for (_, _, end), (_, begin, _) in pairwise(group):
            if begin < end:
                raise ReferenceInvalid(
                    f"{table.file_name}: periods overlap for "
                    f"{' / '.join(code)} from {begin}; "
                    "end one period before the next begins"
                )


def _day(table: ReferenceTable, text: str | None) -> date:
    if text is None:
        return date.max
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ReferenceInvalid(
            f"{table.file_name}: {text!r} is not a date; write it as yyyy-mm-dd"
        ) from error
