"""Candidates whose changes are noted row by row, so that a hash need not read them.

A candidate is followed from the publication that read all of it; one that was built
anew, emptied or given other columns since is followed no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledgerline.quality.relation import Relation, RelationHash
from ledgerline.quality.repository.row_hash import row_hash
from ledgerline.store.engine import Connection

_FOLLOWING = """
select relation, candidate, columns, publication_id, row_count, row_sum
from build.following
"""
_NOTE = """
create or replace trigger note_come after insert on {candidate}
referencing new table as come
for each statement execute function build.note_rows({hash});
create or replace trigger note_gone after delete on {candidate}
referencing old table as gone
for each statement execute function build.note_rows({hash});
create or replace trigger note_changed after update on {candidate}
referencing old table as gone new table as come
for each statement execute function build.note_rows({hash})
"""
_FOLLOW = """
insert into build.followed
select
    %(relation)s, oid, relfilenode, build.triggers(oid), %(columns)s, %(row_count)s,
    %(row_sum)s, %(publication_id)s::bigint
from pg_class where oid = format('%%I.%%I', %(schema)s::text, %(name)s::text)::regclass
"""


@dataclass(frozen=True, kw_only=True)
class Following:
    """A followed candidate: its size and hash now, and what it was followed from.

    `publication_id` shows exactly the rows that it had then; None when none does.
    """

    relation: str
    candidate: int
    columns: Mapping[str, str]
    publication_id: int | None
    row_count: int
    row_sum: int


def find_following(
    connection: Connection, columns: Mapping[str, Mapping[str, str]]
) -> dict[str, Following]:
    """Return the followed candidates by label, if they have these columns."""
    with connection.cursor(row_factory=class_row(Following)) as cursor:
        found = cursor.execute(_FOLLOWING).fetchall()
    return {
        each.relation: each
        for each in found
        if columns.get(each.relation) == each.columns
    }


def follow(
    connection: Connection,
    hashed: Iterable[tuple[Relation, RelationHash]],
    publication_id: int | None,
) -> None:
    """Follow the candidates from these hashes on.

    The caller keeps others from changing the candidates until it commits.
    """
    hashed = tuple(hashed)
    columns = {found.label: found.columns for _, found in hashed}
    known = find_following(connection, columns)
    connection.execute("delete from build.followed")
    connection.execute("delete from build.row_change")
    for relation, found in hashed:
        if found.label not in known:
            _note_changes(connection, relation, row_hash(found.columns, "c"))
        connection.execute(
            _FOLLOW,
            {
                "relation": found.label,
                "schema": relation.candidate_schema,
                "name": relation.name,
                "columns": Jsonb(dict(found.columns)),
                "row_count": found.row_count,
                "row_sum": found.row_sum,
                "publication_id": publication_id,
            },
        )


def _note_changes(
    connection: Connection, relation: Relation, row_hash: sql.Composed
) -> None:
    connection.execute(
        sql.SQL(_NOTE).format(
            candidate=sql.Identifier(relation.candidate_schema, relation.name),
            hash=sql.Literal(row_hash.as_string(connection)),
        )
    )
