"""Propose a change of mappings from a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from ledgerline.crosswalk import csv_file, published
from ledgerline.crosswalk.changeset import repository
from ledgerline.crosswalk.changeset.changeset import ChangesetRefused, Mapping
from ledgerline.crosswalk.code_set import CODE_SETS
from ledgerline.crosswalk.csv_file import ReferenceInvalid
from ledgerline.crosswalk.load import refuse_overlaps
from ledgerline.crosswalk.table import CROSSWALK, ReferenceTable
from ledgerline.store.engine import Connection, connect

COLUMNS = CROSSWALK.columns[:-2]


def propose(dsn: str, path: Path, by: str) -> int:
    """Store the rows of a file as a changeset; return its number.

    Raises SourceMissing or ReferenceInvalid for a file that cannot be used, and
    ChangesetRefused for rows that contradict what is in force.
    """
    mappings = read(path)
    with connect(dsn) as connection, connection.transaction():
        repository.lock_mappings(connection)
        check(connection, mappings, path.name)
        return repository.insert(connection, path.name, by, mappings)


def read(path: Path) -> list[Mapping]:
    """Read the mappings of a file, and refuse two meanings of one code on one day."""
    if path.suffix != ".csv":
        raise ReferenceInvalid(f"{path} is not named .csv; propose a CSV file")
    table = ReferenceTable(
        name=path.stem,
        columns=COLUMNS,
        optional=CROSSWALK.optional,
        one_meaning=CROSSWALK.one_meaning,
    )
    rows = csv_file.read(path.parent, table)
    refuse_overlaps(table, rows)
    if not rows:
        raise ReferenceInvalid(f"{path} holds no mapping; add a row")
    mappings = [_mapping(dict(zip(COLUMNS, row, strict=True))) for row in rows]
    for mapping in mappings:
        if mapping.valid_to and mapping.valid_to <= mapping.valid_from:
            raise ReferenceInvalid(
                f"{path.name}: {mapping.subject} ends on {mapping.valid_to}, not after "
                f"it begins on {mapping.valid_from}; correct valid_to"
            )
    return mappings


def _mapping(row: dict[str, str | None]) -> Mapping:
    return Mapping(
        code_set=row["code_set"] or "",
        source_system=row["source_system"] or "",
        facility_code=row["facility_code"] or "",
        native_code=row["native_code"] or "",
        canonical_code=row["canonical_code"] or "",
        valid_from=date.fromisoformat(row["valid_from"] or ""),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


def check(connection: Connection, mappings: Sequence[Mapping], place: str) -> None:
    """Refuse rows that no model would read, or that contradict what is in force."""
    facilities = {"*", *published.codes(connection, CODE_SETS["facility"])}
    for mapping in mappings:
        _check_subject(mapping, facilities, place)
    for name in sorted({mapping.code_set for mapping in mappings}):
        known = published.codes(connection, CODE_SETS[name])
        _check_canonical((m for m in mappings if m.code_set == name), known, place)
    conflict = repository.find_conflict(connection, mappings)
    if conflict:
        mapping, ruling = conflict
        origin = f"changeset {ruling[2]}" if ruling[2] else "crosswalk.csv"
        raise ChangesetRefused(
            f"{place}: {mapping.subject} means {ruling[0]} from {ruling[1]} on, by "
            f"{origin}; end the new mapping by that day, or correct {origin} first"
        )


def _check_subject(mapping: Mapping, facilities: set[str], place: str) -> None:
    code_set = CODE_SETS.get(mapping.code_set)
    problem = ""
    if code_set is None:
        problem = f"{mapping.code_set} is no code set; use {', '.join(CODE_SETS)}"
    elif mapping.source_system not in code_set.systems:
        problem = (
            f"no model reads mappings of {mapping.code_set} codes of "
            f"{mapping.source_system}; remove the row"
        )
    elif code_set.is_network_wide and mapping.facility_code != "*":
        problem = f"a {mapping.code_set} code means one thing everywhere; write *"
    elif mapping.facility_code not in facilities:
        problem = f"no facility is called {mapping.facility_code}; correct the row"
    if problem:
        raise ChangesetRefused(f"{place}: {mapping.subject}: {problem}")


def _check_canonical(mappings: Iterable[Mapping], known: set[str], place: str) -> None:
    for mapping in mappings:
        if mapping.canonical_code not in known - {"unmapped"}:
            raise ChangesetRefused(
                f"{place}: {mapping.subject}: there is no {mapping.code_set} "
                f"{mapping.canonical_code}; choose a known one, or add it to the "
                "reference tables first"
            )
