"""Published tables and reader views: their shape, changed only when it must be."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from ledgerline.publication.publication import ColumnChanged
from ledgerline.publication.shape import (
    BOOKKEEPING,
    Existing,
    ShapeChange,
    ViewChange,
)
from ledgerline.quality.relation import Relation
from ledgerline.quality.repository.candidates import CandidateMissing, columns_of
from ledgerline.store.engine import Connection

PUBLISHED = "published"
_KEYS = """
select t.relname, array_agg(a.attname::text order by k.position)
from pg_index as i
inner join pg_class as t on t.oid = i.indrelid
inner join pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'published'
cross join unnest(i.indkey::smallint[]) with ordinality as k (attnum, position)
inner join pg_attribute as a on a.attrelid = t.oid and a.attnum = k.attnum
where i.indisunique and i.indpred is not null
group by t.relname
"""
_COMMENTS = """
select n.nspname, v.relname, coalesce(a.attname, ''), d.description
from pg_description as d
inner join pg_class as v on v.oid = d.objoid and v.relkind = 'v'
inner join pg_namespace as n on n.oid = v.relnamespace
left join pg_attribute as a
    on a.attrelid = v.oid and a.attnum = d.objsubid and d.objsubid > 0
where d.classoid = 'pg_class'::regclass and n.nspname = any(%s)
"""
_GRANTS = """
select case when a.grantee = 0 then null else pg_get_userbyid(a.grantee) end,
    a.privilege_type
from pg_class as v
inner join pg_namespace as n on n.oid = v.relnamespace
cross join aclexplode(v.relacl) as a
where n.nspname = %s and v.relname = %s and a.grantee <> v.relowner
"""


def lock_candidates(connection: Connection, relations: Iterable[Relation]) -> None:
    """Keep the candidates from being swapped or dropped until we are done."""
    names = [sql.Identifier(r.candidate_schema, r.name) for r in relations]
    if not names:
        return
    try:
        connection.execute(
            sql.SQL("lock table {} in access share mode").format(
                sql.SQL(", ").join(names)
            )
        )
    except psycopg.errors.UndefinedTable as error:
        raise CandidateMissing(
            f"a published model was not built ({error.diag.message_primary}); build "
            "the warehouse again"
        ) from None


def published_keys(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the key columns of every table in schema `published`."""
    return {name: tuple(key) for name, key in connection.execute(_KEYS)}


def existing_relations(
    connection: Connection, relations: Iterable[Relation]
) -> dict[str, Existing]:
    """Return what earlier publications left, by label."""
    relations = tuple(relations)
    targets = sorted({relation.target_schema for relation in relations})
    columns = columns_of(connection, [PUBLISHED, *targets])
    keys = published_keys(connection)
    comments: dict[tuple[str, str], dict[str, str]] = {}
    for schema, view, column, text in connection.execute(_COMMENTS, [targets]):
        comments.setdefault((schema, view), {})[column] = text
    found = {}
    for relation in relations:
        table = columns.get((PUBLISHED, relation.table), {})
        reader = (relation.target_schema, relation.name)
        found[relation.label] = Existing(
            table={n: t for n, t in table.items() if n not in BOOKKEEPING},
            view=columns.get(reader, {}),
            key=keys.get(relation.table, ()),
            comments=comments.get(reader, {}),
        )
    return found


def apply_shape(
    connection: Connection, relation: Relation, change: ShapeChange
) -> None:
    """Bring a published table and its view to the candidate's shape."""
    grants: list[tuple[str | None, str]] = []
    if change.view is ViewChange.REBUILD:
        grants = _drop_view(connection, relation)
    _alter_table(connection, relation, change)
    if change.view is not ViewChange.NONE:
        _create_view(connection, relation, change.view_columns)
    for role, privilege in grants:
        _grant(connection, relation, role, privilege)
    for column, text in change.comments.items():
        _comment(connection, relation, column, text)


def retire_views(connection: Connection, relations: Iterable[Relation]) -> list[str]:
    """Drop views whose model is no longer published; return their tables."""
    current = {relation.table for relation in relations}
    retired = sorted(published_keys(connection).keys() - current)
    for table in retired:
        schema, _, name = table.partition("__")
        connection.execute(
            sql.SQL("drop view if exists {}").format(sql.Identifier(schema, name))
        )
    return retired


def _alter_table(
    connection: Connection, relation: Relation, change: ShapeChange
) -> None:
    table = sql.Identifier(PUBLISHED, relation.table)
    if change.creates_table:
        connection.execute(
            sql.SQL(
                "create table {} (published_from bigint not null, "
                "published_to bigint, row_hash bytea not null)"
            ).format(table)
        )
    for column, kind in change.added.items():
        connection.execute(
            sql.SQL("alter table {} add column {} {}").format(
                table, sql.Identifier(column), _type(kind)
            )
        )
    for column, kind in change.converted.items():
        _convert(connection, relation, column, kind)
    if change.rekeyed:
        _index_key(connection, relation)


def _convert(
    connection: Connection, relation: Relation, column: str, kind: str
) -> None:
    parts = {
        "table": sql.Identifier(PUBLISHED, relation.table),
        "column": sql.Identifier(column),
        "kind": _type(kind),
    }
    before = columns_of(connection, [PUBLISHED])[PUBLISHED, relation.table][column]
    try:
        with connection.transaction():
            lossy = connection.execute(
                sql.SQL(
                    "select exists (select from {table} "
                    "where {column}::{kind}::{before} is distinct from {column})"
                ).format(before=_type(before), **parts)
            ).fetchone()
            connection.execute(
                sql.SQL(
                    "alter table {table} alter column {column} type {kind} "
                    "using {column}::{kind}"
                ).format(**parts)
            )
    except (psycopg.DataError, psycopg.errors.CannotCoerce):
        lossy = (True,)
    if lossy is None or lossy[0]:
        raise ColumnChanged(
            f"{relation.label}.{column} was published as {before} and is {kind} now, "
            "which its history cannot become without loss; give the column a new name"
        )


def _index_key(connection: Connection, relation: Relation) -> None:
    index = f"{relation.table[:58]}_open"
    connection.execute(
        sql.SQL("drop index if exists {}").format(sql.Identifier(PUBLISHED, index))
    )
    connection.execute(
        sql.SQL("create unique index {} on {} ({}) where published_to is null").format(
            sql.Identifier(index),
            sql.Identifier(PUBLISHED, relation.table),
            sql.SQL(", ").join(map(sql.Identifier, relation.key)),
        )
    )


def _drop_view(
    connection: Connection, relation: Relation
) -> list[tuple[str | None, str]]:
    reader = (relation.target_schema, relation.name)
    grants = connection.execute(_GRANTS, reader).fetchall()
    connection.execute(sql.SQL("drop view {}").format(sql.Identifier(*reader)))
    return [(role, privilege) for role, privilege in grants]


def _create_view(
    connection: Connection, relation: Relation, columns: Iterable[str]
) -> None:
    connection.execute(
        sql.SQL(
            "create or replace view {} as select {} from {} where published_to is null"
        ).format(
            sql.Identifier(relation.target_schema, relation.name),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.Identifier(PUBLISHED, relation.table),
        )
    )


def _grant(
    connection: Connection, relation: Relation, role: str | None, privilege: str
) -> None:
    connection.execute(
        sql.SQL("grant {} on {} to {}").format(
            sql.SQL(privilege),
            sql.Identifier(relation.target_schema, relation.name),
            sql.SQL("public") if role is None else sql.Identifier(role),
        )
    )


def _comment(
    connection: Connection, relation: Relation, column: str, text: str
) -> None:
    reader = (relation.target_schema, relation.name)
    target = (
        sql.SQL("column {}").format(sql.Identifier(*reader, column))
        if column
        else sql.SQL("view {}").format(sql.Identifier(*reader))
    )
    connection.execute(
        sql.SQL("comment on {} is {}").format(target, sql.Literal(text or None))
    )


def _type(kind: str) -> sql.SQL:
    return sql.SQL(kind)
