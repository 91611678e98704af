"""The worklist: every unmapped code of the published facts, by its dollars."""

from __future__ import annotations

from functools import cache

from ledgerline.crosswalk import published
from ledgerline.crosswalk.code_set import CODE_SETS
from ledgerline.crosswalk.published import Candidate
from ledgerline.crosswalk.worklist import repository
from ledgerline.crosswalk.worklist.repository import WorklistRow
from ledgerline.crosswalk.worklist.suggest import Known, Suggestion, suggest
from ledgerline.store.engine import connect


def worklist(dsn: str, limit: int) -> list[tuple[WorklistRow, list[Suggestion]]]:
    """Return the codes that touch the most dollars, each with what it could mean.

    Raises NothingPublished before the first publication that knows them.
    """
    with connect(dsn) as connection, connection.transaction():
        published.require(connection, repository.RELATION)

        @cache
        def learnt(name: str) -> tuple[list[Candidate], list[Known]]:
            candidates = published.candidates(connection, CODE_SETS[name])
            return candidates, repository.known(connection, name)

        return [
            (row, suggest(row, *learnt(row.code_set)))
            for row in repository.rows(connection, limit)
        ]
