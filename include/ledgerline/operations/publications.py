"""The publications, as tables for a terminal."""

from __future__ import annotations

from rich.console import Console

from ledgerline.operations.report import WIDTH, table
from ledgerline.publication.history import diff, list_publications


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


def print_difference(dsn: str, before: int, after: int) -> None:
    """Print how many rows of each relation differ between two publications."""
    headers = ("Relation", "Added", "Removed", "Changed")
    rows = [
        (each.relation, each.added, each.removed, each.changed)
        for each in diff(dsn, before, after)
    ]
    title = f"From publication {before} to {after}"
    Console(width=WIDTH, highlight=False).print(table(title, headers, rows))
