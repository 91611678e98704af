"""What was published: the list, the difference of two, a return to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ledgerline.publication.publication import (
    Publication,
    PublicationUnknown,
    RowCounts,
)
from ledgerline.publication.repository import publications, relations, rows, views
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


def find_number(dsn: str, named: str) -> int:
    """Return a publication by its number, or by a time or day on which it was seen.

    A day means its last moment, UTC.
    """
    if named.isdecimal():
        return int(named)
    try:
        moment = datetime.fromisoformat(named)
    except ValueError:
        raise PublicationUnknown(
            f"{named} is neither a number of publications list nor a day like "
            "2026-04-03"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if "T" not in named and " " not in named:
        moment += timedelta(days=1, microseconds=-1)
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


def revert(dsn: str, publication_id: int, *, by: str) -> Publication:
    """Publish again exactly the rows of an earlier publication, as a new one.

    Its relations, columns, verdict and hashes are those of the earlier one. The next
    passing build publishes its own candidates again.
    """
    with publications.exclusive(dsn) as connection:
        _require(connection, publication_id)
        (earlier,) = publications.find_publications(connection, publication_id)
        number = publications.next_number(connection)
        counts = {
            _label(table): _restore(connection, table, key, earlier, number)
            for table, key in sorted(relations.published_keys(connection).items())
        }
        views.describe(connection)
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
            earlier.shapes,
        )


def _restore(
    connection: Connection,
    table: str,
    key: tuple[str, ...],
    earlier: Publication,
    number: int,
) -> RowCounts:
    shape = earlier.shapes.get(_label(table))
    if earlier.shapes and shape is None:
        views.withdraw(connection, table)
        return rows.close_rows(connection, table, number)
    is_rekeyed = shape is not None and shape.key != key
    if is_rekeyed:
        relations.drop_key(connection, table)
    counts = rows.restore_rows(connection, table, number, earlier.publication_id)
    if shape is None:
        return counts
    if is_rekeyed:
        relations.index_key(connection, table, shape.key)
    views.show(connection, table, shape.columns)
    return counts


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
