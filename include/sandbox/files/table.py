"""CSV files: a header of column names, one line a row, no platform in it."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Write a table and return its number of rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
