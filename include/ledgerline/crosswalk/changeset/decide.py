"""Show what a changeset moves; approve or reject it."""

from __future__ import annotations

from ledgerline.crosswalk.changeset import repository
from ledgerline.crosswalk.changeset.changeset import (
    Changeset,
    ChangesetRefused,
    ChangesetStale,
    Impact,
)
from ledgerline.crosswalk.changeset.propose import check
from ledgerline.store.engine import Connection, connect


def show(dsn: str, number: int) -> tuple[Changeset, Impact]:
    """Return a changeset and what it moves over the newest publication.

    While it is open, that is kept as what was shown before approval; once it is
    decided, what was shown last is returned.
    """
    with connect(dsn) as connection, connection.transaction():
        changeset = _require(connection, number)
        if changeset.state != "proposed":
            shown = repository.shown_impact(connection, number)
            return changeset, shown or Impact(publication_id=None, moves=())
        impact = repository.impact(connection, number)
        repository.keep_impact(connection, number, impact)
    return changeset, impact


def approve(dsn: str, number: int, by: str) -> Impact:
    """Put a changeset in force from the next build on; return what it moves.

    Raises ChangesetStale when its impact was never shown or is another by now, and
    ChangesetRefused when it has expired, or the database or the mappings in force
    forbid it.
    """
    with connect(dsn) as connection, connection.transaction():
        repository.lock_mappings(connection)
        changeset = _require(connection, number)
        impact = repository.impact(connection, number)
        if changeset.state == "proposed":
            repository.refuse_expired(connection, number)
            check(connection, repository.rows(connection, number), changeset.file_name)
            _refuse_stale(number, repository.shown_impact(connection, number), impact)
        repository.decide(connection, number, "approved", by, impact.publication_id)
    return impact


def reject(dsn: str, number: int, by: str) -> None:
    """Close a changeset without effect; its proposer may do so too."""
    with connect(dsn) as connection, connection.transaction():
        _require(connection, number)
        repository.decide(connection, number, "rejected", by, None)


def _require(connection: Connection, number: int) -> Changeset:
    changeset = repository.find(connection, number)
    if changeset is None:
        raise ChangesetRefused(
            f"there is no changeset {number}; `ledgerline crosswalk worklist` lists "
            "the open ones"
        )
    return changeset


def _refuse_stale(number: int, shown: Impact | None, impact: Impact) -> None:
    if shown is None:
        raise ChangesetStale(
            f"nobody has seen what changeset {number} moves; look at "
            f"`ledgerline crosswalk show {number}` first"
        )
    if shown.moves != impact.moves:
        raise ChangesetStale(
            f"changeset {number} moves {impact.amount:,.2f} USD over publication "
            f"{impact.publication_id}, and {shown.amount:,.2f} USD were shown over "
            f"publication {shown.publication_id}; look at "
            f"`ledgerline crosswalk show {number}` again, then approve"
        )
