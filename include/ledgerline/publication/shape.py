"""The shape of a published relation: what must change before its rows can be added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ledgerline.publication.publication import PublicationFailed
from ledgerline.quality.relation import Relation

BOOKKEEPING = {
    "published_from": "First publication that shows the row",
    "published_to": "First publication that shows it no longer; null while it is shown",
    "row_hash": "SHA-256 of the row",
}
TAKEN = (*BOOKKEEPING, "shown_during")
MAX_NAME = 63

Columns = Mapping[str, str]


class ViewChange(StrEnum):
    """What happens to a view. Unchanged columns mean no DDL at all."""

    NONE = "none"
    EXTEND = "extend"
    REBUILD = "rebuild"


@dataclass(frozen=True, kw_only=True)
class Existing:
    """What an earlier publication left: its table, its view, its key and comments.

    `comments` are the table's, by column; that of the table itself has the empty name.
    """

    table: Columns = field(default_factory=dict)
    view: tuple[str, ...] = ()
    has_history: bool = False
    key: tuple[str, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ShapeChange:
    """The difference between a candidate and what was published before.

    `shows` tells that a view must follow; `view_columns` are then what readers see.

    `comments` maps a column, or the empty name for the table itself, to its new text.
    """

    creates_table: bool
    added: Columns
    converted: Columns
    rekeyed: bool
    shows: bool
    view_columns: tuple[str, ...]
    comments: Mapping[str, str]


def shape_change(
    relation: Relation, candidate: Columns, existing: Existing
) -> ShapeChange:
    """Compare a candidate's columns with the published table and view."""
    _refuse_unusable(relation, candidate)
    table, view = existing.table, existing.view
    kept = [name for name in view if name in candidate]
    columns = (*kept, *(name for name in candidate if name not in view))
    wanted = {"": relation.description, **BOOKKEEPING, **relation.columns}
    added = {n: t for n, t in candidate.items() if n not in table}
    return ShapeChange(
        creates_table=not table,
        added=added,
        converted={n: t for n, t in candidate.items() if n in table and table[n] != t},
        rekeyed=existing.key != relation.key,
        shows=columns != view or bool(added) or not existing.has_history,
        view_columns=columns,
        comments={
            name: text
            for name, text in wanted.items()
            if (not name or name in candidate or name in BOOKKEEPING)
            and existing.comments.get(name, "") != text
        },
    )


def view_change(columns: Sequence[str], standing: Sequence[str]) -> ViewChange:
    """Tell how a view gets these columns, in this order."""
    if tuple(columns) == tuple(standing):
        return ViewChange.NONE
    is_longer = tuple(columns[: len(standing)]) == tuple(standing)
    return ViewChange.EXTEND if is_longer else ViewChange.REBUILD


def _refuse_unusable(relation: Relation, candidate: Columns) -> None:
    taken = [name for name in TAKEN if name in candidate]
    absent = [name for name in relation.key if name not in candidate]
    problem = ""
    if taken:
        problem = f"has a column {taken[0]}, which publication itself needs; rename it"
    elif absent:
        problem = f"has no key column {absent[0]}; correct meta.key of the model"
    elif len(relation.table) > MAX_NAME:
        problem = "has too long a name; schema and name may take 61 characters"
    if problem:
        raise PublicationFailed(f"{relation.label} {problem}")
