"""Published tables: their shape, changed only when it must be."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from ledgerline.publication.publication import ColumnChanged
from ledgerline.publication.repository import views
from ledgerline.publication.repository.views import PUBLISHED, SUFFIX, WITH_HISTORY
from ledgerline.publication.shape import BOOKKEEPING, Existing, ShapeChange
from ledgerline.quality.relation import Relation
from ledgerline.quality.repository.candidates import CandidateMissing, columns_of
from ledgerline.store.engine import Connection

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
select t.relname, coalesce(a.attname, ''), d.description
from pg_description as d
inner join pg_class as t on t.oid = d.objoid and t.relkind = 'r'
inner join pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'published'
left join pg_attribute as a
    on a.attrelid = t.oid and a.attnum = d.objsubid and d.objsubid > 0
where d.classoid = 'pg_class'::regclass
"""


def lock_candidates(connection: Connection, relations: Iterable[Relation]) -> None:
    """Keep the candidates as they are until we are done."""
    names = [sql.Identifier(r.candidate_schema, r.name) for r in relations]
    if not names:
        return
    try:
        connection.execute(
            sql.SQL("lock table {} in share row exclusive mode").format(
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
    targets = {relation.target_schema for relation in relations}
    histories = {schema + SUFFIX for schema in targets & WITH_HISTORY}
    columns = columns_of(connection, [PUBLISHED, *targets, *histories])
    keys = published_keys(connection)
    comments: dict[str, dict[str, str]] = {}
    for table, column, text in connection.execute(_COMMENTS):
        comments.setdefault(table, {})[column] = text
    found = {}
    for relation in relations:
        table = columns.get((PUBLISHED, relation.table), {})
        found[relation.label] = Existing(
            table={n: t for n, t in table.items() if n not in BOOKKEEPING},
            view=tuple(columns.get((relation.target_schema, relation.name), ())),
            has_history=relation.target_schema not in WITH_HISTORY
            or (relation.target_schema + SUFFIX, relation.name) in columns,
            key=keys.get(relation.table, ()),
            comments=comments.get(relation.table, {}),
        )
    return found


def apply_shape(
    connection: Connection, relation: Relation, change: ShapeChange
) -> None:
    """Bring a published table and its views to the candidate's shape.

    An index of another key goes; `index_key` makes the new one once the rows are in.
    """
    if change.converted:
        with views.aside(connection, relation.table):
            for column, kind in change.converted.items():
                _convert(connection, relation, column, kind)
    _alter_table(connection, relation, change)
    if change.rekeyed:
        drop_key(connection, relation.table)
    if change.shows:
        views.show(connection, relation.table, change.view_columns)
    for column, text in change.comments.items():
        _comment(connection, relation, column, text)


def drop_key(connection: Connection, table: str) -> None:
    """Let open rows share a key for a while."""
    connection.execute(
        sql.SQL("drop index if exists {}").format(
            sql.Identifier(PUBLISHED, _key(table))
        )
    )


def index_key(connection: Connection, table: str, key: Iterable[str]) -> None:
    """Make the key of a table's open rows unique, and quick to find."""
    connection.execute(
        sql.SQL("create unique index {} on {} ({}) where published_to is null").format(
            sql.Identifier(_key(table)),
            sql.Identifier(PUBLISHED, table),
            sql.SQL(", ").join(map(sql.Identifier, key)),
        )
    )


def _key(table: str) -> str:
    return f"{table[:58]}_open"


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


def _comment(
    connection: Connection, relation: Relation, column: str, text: str
) -> None:
    table = (PUBLISHED, relation.table)
    target = (
        sql.SQL("column {}").format(sql.Identifier(*table, column))
        if column
        else sql.SQL("table {}").format(sql.Identifier(*table))
    )
    connection.execute(
        sql.SQL("comment on {} is {}").format(target, sql.Literal(text or None))
    )


def _type(kind: str) -> sql.SQL:
    return sql.SQL(kind)
