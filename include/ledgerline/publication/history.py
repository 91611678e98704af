"""What was published: the list, the difference of two, a return to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledgerline.publication.publication import Publication, PublicationUnknown
from ledgerline.publication.repository import publications, relations, rows
from ledgerline.quality.gate import code_version
from ledgerline.store.engine import Connection, connect


@dataclass(frozen=True, kw_only=True)
class RelationDifference:
    """How many rows of one relation differ between two publications."""

    relation: str
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class RowDifference:
    """One row that differs: `before` or `after` is None when it was not there."""

    key: dict[str, Any]
    change: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def list_publications(dsn: str) -> list[Publication]:
    """Return every publication, newest first."""
    with connect(dsn) as connection:
        return publications.find_publications(connection)


def publication_at(dsn: str, moment: datetime) -> int:
    """Return the number of the publication that readers saw at a moment."""
    with connect(dsn) as connection:
        number = publications.number_at(connection, moment)
    if number is None:
        raise PublicationUnknown(
            f"nothing was published by {moment.isoformat()}; see publications list"
        )
    return number


def diff(dsn: str, before: int, after: int) -> list[RelationDifference]:
    """Count, relation by relation, the rows that differ; equal relations are left out.

    From `before` to `after`: what was added, what was removed, what changed.
    """
    found = []
    with connect(dsn) as connection, connection.transaction():
        _require(connection, before, after)
        for table, key in sorted(relations.published_keys(connection).items()):
            count = rows.count_changes(connection, table, key, (before, after))
            if count:
                found.append(
                    RelationDifference(
                        relation=_label(table),
                        added=count.get("added", 0),
                        removed=count.get("removed", 0),
                        changed=count.get("changed", 0),
                    )
                )
    return found


def diff_rows(
    dsn: str, relation: str, before: int, after: int, *, limit: int = 100
) -> list[RowDifference]:
    """Return the rows of one relation that differ, at most `limit`, in key order."""
    with connect(dsn) as connection:
        _require(connection, before, after)
        table, key = _find(connection, relation)
        changed = rows.changed_rows(connection, table, key, (before, after), limit)
    return [
        RowDifference(
            key={column: row[column] for column in key},
            change=row["change"],
            before=row["before"],
            after=row["after"],
        )
        for row in changed
    ]


def as_of(
    dsn: str, relation: str, publication_id: int, *, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return the rows of one relation as a publication showed them."""
    with connect(dsn) as connection:
        _require(connection, publication_id)
        table, _ = _find(connection, relation)
        return rows.rows_at(connection, table, publication_id, limit)


def revert(dsn: str, publication_id: int, *, by: str) -> Publication:
    """Publish again exactly the rows of an earlier publication, as a new one.

    Its verdict and hashes are those of the earlier one. The next passing build
    publishes its own candidates again.
    """
    with publications.exclusive(dsn) as connection:
        _require(connection, publication_id)
        (earlier,) = publications.find_publications(connection, publication_id)
        number = publications.next_number(connection)
        counts = {
            _label(table): rows.restore_rows(
                connection, table, key, number, publication_id
            )
            for table, key in sorted(relations.published_keys(connection).items())
        }
        return publications.insert_publication(
            connection,
            {
                "publication_id": number,
                "decision_id": earlier.decision_id,
                "restores_publication_id": publication_id,
                "data_hash": earlier.data_hash,
                "suite_hash": earlier.suite_hash,
                "verdict": earlier.verdict,
                "held_facilities": list(earlier.held_facilities),
                "code_version": code_version(),
                "published_by": by,
            },
            counts,
        )


def _require(connection: Connection, *numbers: int) -> None:
    for number in numbers:
        if not publications.find_publications(connection, number):
            raise PublicationUnknown(
                f"there is no publication {number}; see publications list"
            )


def _find(connection: Connection, relation: str) -> tuple[str, tuple[str, ...]]:
    table = relation.replace(".", "__", 1)
    key = relations.published_keys(connection).get(table)
    if key is None:
        raise PublicationUnknown(
            f"{relation} was never published; name it as conformed.x, marts.x or "
            "outbound.x"
        )
    return table, key


def _label(table: str) -> str:
    return table.replace("__", ".", 1)
