"""The publications, as tables for a terminal."""

from __future__ import annotations

from rich.console import Console

from ledgerline.operations.table import WIDTH, table
from ledgerline.publication.history import (
    RowDifference,
    diff,
    diff_rows,
    find_number,
    list_publications,
)


def print_publications(dsn: str) -> None:
    """Print every publication with its verdict, code version and time."""
    headers = ("Publication", "Verdict", "Held", "Published at", "Code", "Data hash")
    rows = [
        (
            each.publication_id,
            each.verdict,
            ", ".join(each.held_facilities),
            each.published_at,
            each.code_version,
            each.data_hash[:12],
        )
        for each in list_publications(dsn)
    ]
    Console(width=WIDTH, highlight=False).print(table("Publications", headers, rows))


def print_difference(dsn: str, before: str, after: str) -> None:
    """Print how many rows of each relation differ between two publications.

    Each is named by its number, or by a day or time on which readers saw it.
    """
    numbers = find_number(dsn, before), find_number(dsn, after)
    headers = ("Relation", "Added", "Removed", "Changed")
    rows = [
        (each.relation, each.added, each.removed, each.changed)
        for each in diff(dsn, *numbers)
    ]
    title = "From publication {} to {}".format(*numbers)
    Console(width=WIDTH, highlight=False).print(table(title, headers, rows))


def print_changed_rows(
    dsn: str, relation: str, before: str, after: str, limit: int
) -> None:
    """Print the rows of one relation that differ, and the columns that do."""
    numbers = find_number(dsn, before), find_number(dsn, after)
    headers = ("Row", "Change", "Column", "Before", "After")
    rows = [
        line
        for each in diff_rows(dsn, relation, *numbers, limit=limit)
        for line in _changed_columns(each)
    ]
    title = "{}, from publication {} to {}".format(relation, *numbers)
    Console(width=WIDTH, highlight=False).print(table(title, headers, rows))


def _changed_columns(row: RowDifference) -> list[tuple[object, ...]]:
    """One line a column that differs; one in all for a row that came or went."""
    named = ", ".join(str(value) for value in row.key.values())
    if row.before is None or row.after is None:
        return [(named, row.change, "", "", "")]
    return [
        (named, row.change, column, row.before[column], value)
        for column, value in row.after.items()
        if row.before[column] != value
    ]
