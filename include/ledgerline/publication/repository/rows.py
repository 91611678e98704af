"""Rows of published relations: replaced, restored, compared, shown as they were.

A row lives from the publication that added it to the one that closed it; it is never
changed or deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from ledgerline.publication.publication import PublicationFailed, RowCounts
from ledgerline.publication.repository.views import (
    PUBLISHED,
    column_list,
    data_columns,
)
from ledgerline.publication.shape import BOOKKEEPING, Columns
from ledgerline.quality.relation import Relation, RelationHash
from ledgerline.quality.repository.row_hash import row_hash
from ledgerline.store.engine import Connection

FACILITY = "facility_code"
_CLOSE = """
update {table} as p set published_to = %(number)s
where
    p.published_to is null
    and not exists (
        select from {candidate} as c where {same_key} and {hash} = p.row_hash
    )
    and {not_held}
"""
_NOT_HELD = """
coalesce(p.{facility}, '') <> all(%(held)s)
and not exists (
    select from {candidate} as c where {same_key} and c.{facility} = any(%(held)s)
)
"""
_ADD = """
insert into {table} ({columns}, published_from, row_hash)
select {values}, %(number)s, {hash}
from {candidate} as c
where
    not exists (
        select from {table} as p where p.published_to is null and {same_key}
    )
    and {not_held}
"""
_NOTED = """
with noted as (
    select
        row_hash,
        (array_agg(content))[1]::{candidate} as content,
        sum(case when is_gone then -1 else 1 end) as balance
    from build.row_change
    where candidate = %(candidate)s
    group by row_hash
)
"""
_COUNT_GONE = "{noted} select count(*) from noted where balance < 0"
_CLOSE_NOTED = """
{noted}
update {table} as p set published_to = %(number)s
from noted cross join lateral (select (noted.content).*) as c
where
    noted.balance < 0
    and p.published_to is null
    and {same_key}
    and p.row_hash = noted.row_hash
"""
_ADD_NOTED = """
{noted}
insert into {table} ({columns}, published_from, row_hash)
select {values}, %(number)s, noted.row_hash
from noted cross join lateral (select (noted.content).*) as c
where noted.balance > 0
"""
_CLOSE_OTHERS = """
update {table} as p set published_to = %(number)s
where
    p.published_to is null
    and p.published_from > %(then)s
    and not exists (
        select from {table} as c
        where
            c.row_hash = p.row_hash and c.published_to is not null and {open_then}
    )
"""
_ADD_AGAIN = """
insert into {table} ({columns}, published_from, row_hash)
select {values}, %(number)s, c.row_hash
from {table} as c
where
    c.published_to is not null
    and {open_then}
    and not exists (
        select from {table} as p
        where p.published_to is null and p.row_hash = c.row_hash
    )
"""
_CHANGES = """
select
    {key},
    case
        when a.row_hash is null then 'added'
        when b.row_hash is null then 'removed'
        else 'changed'
    end as change,
    to_jsonb(a.*) - %(hidden)s::text[] as before,
    to_jsonb(b.*) - %(hidden)s::text[] as after
from (select * from {table} as c where {open_before} and not ({open_after})) as a
full join (select * from {table} as c where {open_after} and not ({open_before})) as b
    using ({key})
where a.row_hash is distinct from b.row_hash
"""


def replace_rows(
    connection: Connection,
    relation: Relation,
    columns: Columns,
    number: int,
    held: Sequence[str],
) -> RowCounts:
    """Close rows that changed or vanished and add the new ones.

    Rows of held facilities stay exactly as they were, and so does a row that moved
    to or from one.
    """
    parts = {
        "table": sql.Identifier(PUBLISHED, relation.table),
        "candidate": sql.Identifier(relation.candidate_schema, relation.name),
        "columns": column_list(columns),
        "values": column_list(columns, "c"),
        "same_key": _same_key(relation.key),
        "hash": row_hash(columns, "c"),
    }
    values = {"number": number, "held": list(held)}
    add = keep = sql.Composed([sql.SQL("true")])
    if held and FACILITY in columns:
        facility = sql.Identifier(FACILITY)
        keep = sql.SQL(_NOT_HELD).format(facility=facility, **parts)
        add = sql.SQL("coalesce(c.{}, '') <> all(%(held)s)").format(facility)
    closed = connection.execute(sql.SQL(_CLOSE).format(not_held=keep, **parts), values)
    added = connection.execute(sql.SQL(_ADD).format(not_held=add, **parts), values)
    return _counts(connection, relation.table, added.rowcount, closed.rowcount)


def replace_noted(
    connection: Connection,
    relation: Relation,
    found: RelationHash,
    candidate: int,
    number: int,
) -> RowCounts:
    """Close and add the rows that were noted since all of them were published."""
    parts = {
        "noted": sql.SQL(_NOTED).format(
            candidate=sql.Identifier(relation.candidate_schema, relation.name)
        ),
        "table": sql.Identifier(PUBLISHED, relation.table),
        "columns": column_list(found.columns),
        "values": column_list(found.columns, "c"),
        "same_key": _same_key(relation.key),
    }
    values = {"number": number, "candidate": candidate}
    gone = connection.execute(sql.SQL(_COUNT_GONE).format(**parts), values).fetchone()
    closed = connection.execute(sql.SQL(_CLOSE_NOTED).format(**parts), values)
    added = connection.execute(sql.SQL(_ADD_NOTED).format(**parts), values)
    if gone != (closed.rowcount,):
        raise PublicationFailed(
            f"{relation.label}: {gone and gone[0]} rows went from the candidate, but "
            f"readers saw {closed.rowcount} of them; nothing was published, build "
            "everything again (LEDGERLINE_INCREMENTS=0)"
        )
    return RowCounts(
        shown=found.row_count, added=added.rowcount, closed=closed.rowcount
    )


def close_rows(connection: Connection, table: str, number: int) -> RowCounts:
    """Close every row of a relation that is no longer published."""
    closed = connection.execute(
        sql.SQL("update {} set published_to = %s where published_to is null").format(
            sql.Identifier(PUBLISHED, table)
        ),
        [number],
    )
    return RowCounts(shown=0, added=0, closed=closed.rowcount)


def restore_rows(
    connection: Connection, table: str, number: int, then: int
) -> RowCounts:
    """Show again exactly the rows that publication `then` showed."""
    columns = data_columns(connection, table)
    parts = {
        "table": sql.Identifier(PUBLISHED, table),
        "columns": column_list(columns),
        "values": column_list(columns, "c"),
        "open_then": _open_at("then"),
    }
    values = {"number": number, "then": then}
    closed = connection.execute(sql.SQL(_CLOSE_OTHERS).format(**parts), values)
    added = connection.execute(sql.SQL(_ADD_AGAIN).format(**parts), values)
    return _counts(connection, table, added.rowcount, closed.rowcount)


def count_changes(
    connection: Connection, table: str, key: Sequence[str], numbers: tuple[int, int]
) -> dict[str, int]:
    """Count the rows added, removed and changed between two publications."""
    query = sql.SQL("select change, count(*) from ({}) as d group by change").format(
        _changes(table, key)
    )
    values = {"before": numbers[0], "after": numbers[1], "hidden": list(BOOKKEEPING)}
    return {row[0]: row[1] for row in connection.execute(query, values)}


def changed_rows(
    connection: Connection,
    table: str,
    key: Sequence[str],
    numbers: tuple[int, int],
    limit: int,
) -> list[dict[str, Any]]:
    """Return changed rows, each with its key, `change`, `before` and `after`."""
    query = sql.SQL("{} order by {} limit %(limit)s").format(
        _changes(table, key), column_list(key)
    )
    values = {
        "before": numbers[0],
        "after": numbers[1],
        "hidden": list(BOOKKEEPING),
        "limit": limit,
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        set_json_loads(partial(json.loads, parse_float=Decimal), cursor)
        return cursor.execute(query, values).fetchall()


def _changes(table: str, key: Sequence[str]) -> sql.Composed:
    return sql.SQL(_CHANGES).format(
        key=column_list(key),
        table=sql.Identifier(PUBLISHED, table),
        open_before=_open_at("before"),
        open_after=_open_at("after"),
    )


def _counts(connection: Connection, table: str, added: int, closed: int) -> RowCounts:
    row = connection.execute(
        sql.SQL("select count(*) from {} where published_to is null").format(
            sql.Identifier(PUBLISHED, table)
        )
    ).fetchone()
    return RowCounts(shown=row[0] if row else 0, added=added, closed=closed)


def _same_key(key: Iterable[str]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("c.{0} = p.{0}").format(sql.Identifier(column)) for column in key
    )


def _open_at(parameter: str) -> sql.Composed:
    return sql.SQL(
        "c.published_from <= {0} and (c.published_to is null or c.published_to > {0})"
    ).format(sql.Placeholder(parameter))
