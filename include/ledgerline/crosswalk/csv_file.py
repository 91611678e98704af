"""Read one reference CSV strictly: its encoding, its header, the width of each row."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from ledgerline.canonical.errors import ConfigurationInvalid, SourceMissing
from ledgerline.crosswalk.table import ReferenceTable

Row = tuple[str | None, ...]


class ReferenceInvalid(ConfigurationInvalid):
    """A reference file cannot be used as it is; no table was changed."""

    code = "REFERENCE_INVALID"


def read(folder: Path, table: ReferenceTable) -> list[Row]:
    """Return the rows in the order of the table's columns; empty text is None.

    What a file may leave out is filled as its table says.

    Raises SourceMissing when the file is not there, and ReferenceInvalid naming the
    file and the column or line that is wrong.
    """
    path = folder / table.file_name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise SourceMissing(
            f"the reference file {path} does not exist; add it, with the columns "
            f"{', '.join(table.columns)}"
        ) from error
    except OSError as error:
        raise SourceMissing(
            f"the reference file {path} cannot be read ({error.strerror}); "
            "correct its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise ReferenceInvalid(
            f"{path} is not UTF-8 from byte {error.start} on; save it as UTF-8"
        ) from error
    if "\x00" in text:
        raise ReferenceInvalid(f"{path} holds NUL characters; save it as text")
    return _rows(path, table, csv.reader(text.splitlines(keepends=True), strict=True))


def _rows(path: Path, table: ReferenceTable, lines: Iterable[list[str]]) -> list[Row]:
    try:
        header, *rows = lines
    except ValueError as error:
        raise ReferenceInvalid(
            f"{path} is empty; its first line must be {','.join(table.columns)}"
        ) from error
    except csv.Error as error:
        raise ReferenceInvalid(f"{path} is not CSV: {error}") from error
    _check_header(path, table, header)
    return [
        _row(path, table, number, header, row)
        for number, row in enumerate(rows, start=2)
        if row
    ]


def _check_header(path: Path, table: ReferenceTable, header: list[str]) -> None:
    for name in table.columns:
        if name not in header and name not in dict(table.filled):
            raise ReferenceInvalid(f"{path} has no column {name}; add it")
    for name in header:
        if name not in table.columns:
            raise ReferenceInvalid(f"{path} has an unknown column {name!r}; remove it")
        if header.count(name) > 1:
            raise ReferenceInvalid(f"{path} has the column {name} twice; keep one")


def _row(
    path: Path, table: ReferenceTable, number: int, header: list[str], row: list[str]
) -> Row:
    if len(row) != len(header):
        raise ReferenceInvalid(
            f"{path}, row {number}: {len(row)} values for {len(header)} columns"
        )
    filled = dict(table.filled)
    given = dict(zip(header, row, strict=True))
    for name in table.columns:
        if not given.get(name) and name not in table.optional | filled.keys():
            raise ReferenceInvalid(f"{path}, row {number}: {name} is empty")
    return tuple(given.get(name) or filled.get(name) for name in table.columns)
