"""The shape of a published relation: what must change before its rows can be added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ledgerline.publication.publication import PublicationFailed
from ledgerline.quality.relation import Relation

PUBLISHED_FROM = "published_from"
PUBLISHED_TO = "published_to"
ROW_HASH = "row_hash"
BOOKKEEPING = (PUBLISHED_FROM, PUBLISHED_TO, ROW_HASH)
MAX_NAME = 63

Columns = Mapping[str, str]


class ViewChange(StrEnum):
    """What happens to the reader's view. Unchanged columns mean no DDL at all."""

    NONE = "none"
    EXTEND = "extend"
    REBUILD = "rebuild"


@dataclass(frozen=True, kw_only=True)
class Existing:
    """What an earlier publication left: its table, its view, its key and comments."""

    table: Columns = field(default_factory=dict)
    view: Columns = field(default_factory=dict)
    key: tuple[str, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ShapeChange:
    """The difference between a candidate and what was published before.

    `comments` maps a column, or the empty name for the view itself, to its new text.
    """

    creates_table: bool
    added: Columns
    converted: Columns
    rekeyed: bool
    view: ViewChange
    view_columns: tuple[str, ...]
    comments: Mapping[str, str]


def shape_change(
    relation: Relation, candidate: Columns, existing: Existing
) -> ShapeChange:
    """Compare a candidate's columns with the published table and view."""
    _refuse_unusable(relation, candidate)
    table, view = existing.table, existing.view
    converted = {n: t for n, t in candidate.items() if n in table and table[n] != t}
    kept = [name for name in view if name in candidate]
    wanted = {"": relation.description, **relation.columns}
    change = _view_change(candidate, view)
    known = {} if change is ViewChange.REBUILD else existing.comments
    return ShapeChange(
        creates_table=not table,
        added={n: t for n, t in candidate.items() if n not in table},
        converted=converted,
        rekeyed=existing.key != relation.key,
        view=change,
        view_columns=(*kept, *(name for name in candidate if name not in view)),
        comments={
            name: text
            for name, text in wanted.items()
            if (not name or name in candidate) and known.get(name, "") != text
        },
    )


def _view_change(candidate: Columns, view: Columns) -> ViewChange:
    if any(candidate.get(name) != kind for name, kind in view.items()):
        return ViewChange.REBUILD
    return ViewChange.NONE if candidate.keys() == view.keys() else ViewChange.EXTEND


def _refuse_unusable(relation: Relation, candidate: Columns) -> None:
    taken = [name for name in BOOKKEEPING if name in candidate]
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
