"""A publication: one numbered state of everything readers see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ledgerline.canonical.errors import Fatal, Rejected, Retriable


class PublicationFailed(Fatal):
    """The database refused the publication; readers still see the one before."""

    code = "PUBLICATION_FAILED"


class PublicationDelayed(Retriable):
    """A reader or another publication holds what this one must change."""

    code = "PUBLICATION_DELAYED"


class PublicationUnknown(Rejected):
    """No such publication or relation was ever published."""

    code = "PUBLICATION_UNKNOWN"


class ColumnChanged(Rejected):
    """A column changed its type and its history cannot follow without loss."""

    code = "COLUMN_CHANGED"


class ViewInUse(Rejected):
    """A view of somebody else reads a relation that must change its columns."""

    code = "VIEW_IN_USE"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What readers saw of one relation: its columns, in their order, and its key."""

    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """One relation in one publication: rows shown, rows it added, rows it closed."""

    shown: int
    added: int
    closed: int


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One row of ops.publication.

    `restores_publication_id` is set when it is a revert to that earlier publication.
    `shapes` are those of the relations that readers saw.
    """

    publication_id: int
    decision_id: int
    restores_publication_id: int | None
    data_hash: str
    suite_hash: str
    verdict: str
    code_version: str
    published_at: datetime
    published_by: str
    held_facilities: tuple[str, ...]
    row_counts: Mapping[str, RowCounts]
    shapes: Mapping[str, Shape]

    @property
    def is_unchanged(self) -> bool:
        """Whether it shows exactly the rows of the publication before."""
        return not any(c.added or c.closed for c in self.row_counts.values())
