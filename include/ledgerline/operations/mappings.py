"""The worklist of unmapped codes and the changesets, as tables for a terminal."""

from __future__ import annotations

from rich.console import Console

from ledgerline.crosswalk.changeset import repository
from ledgerline.crosswalk.changeset.changeset import Impact
from ledgerline.crosswalk.changeset.decide import show
from ledgerline.crosswalk.worklist.worklist import worklist
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import connect


def print_worklist(dsn: str, limit: int) -> None:
    """Print the unmapped codes that touch the most dollars, and the open changesets."""
    out = Console(width=WIDTH, highlight=False)
    headers = ("Code", "Name", "Records", "USD", "Seen", "Could be")
    rows = [
        (
            *(row.subject, row.native_name, row.record_count, row.touched_amount),
            f"{row.first_seen_date}\n{row.last_seen_date}",
            "\n".join(
                f"{each.canonical_code} {each.score:.2f}, {each.reason}"
                for each in suggestions
            ),
        )
        for row, suggestions in worklist(dsn, limit)
    ]
    out.print(table("Unmapped codes", headers, rows))
    with connect(dsn) as connection:
        waiting = [
            (
                *(each.changeset_id, each.file_name, each.row_count),
                *(each.proposed_by, each.expires_at),
            )
            for each in repository.find_open(connection)
        ]
    if waiting:
        asked = ("Changeset", "File", "Mappings", "Proposed by", "Expires")
        out.print(table("Waiting for approval", asked, waiting))


def print_changeset(dsn: str, number: int) -> None:
    """Print a changeset, its mappings, and the dollars that it moves."""
    out = Console(width=WIDTH, highlight=False)
    changeset, impact = show(dsn, number)
    until = f" by {changeset.decided_by}"
    if changeset.state == "proposed":
        until = f", to be approved by {changeset.expires_at:%Y-%m-%d %H:%M %Z}"
    out.print(
        f"Changeset {number} ({changeset.file_name}), proposed by "
        f"{changeset.proposed_by}: {changeset.state}{until}"
    )
    with connect(dsn) as connection:
        rows = [
            (each.subject, each.canonical_code, str(each.valid_from), each.valid_to)
            for each in repository.rows(connection, number)
        ]
    out.print(table("Mappings", ("Code", "Means", "From", "To"), rows))
    print_impact(impact, out)


def print_impact(impact: Impact, out: Console | None = None) -> None:
    """Print what moves, from what to what, over which publication."""
    headers = ("Code set", "System", "Counted by", "From", "To", "Records", "USD")
    rows = [
        (
            *(move.code_set, move.source_system, move.record_kind),
            *(move.from_code, move.to_code, move.record_count, move.amount),
        )
        for move in impact.moves
    ]
    title = f"What moves, over publication {impact.publication_id or 'none'}"
    (out or Console(width=WIDTH, highlight=False)).print(table(title, headers, rows))
