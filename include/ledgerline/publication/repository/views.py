"""The views of a published relation: what readers see, and everything it ever showed.

A view is replaced when its columns are others, and keeps its grants and options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import sql

from ledgerline.publication.publication import ViewInUse
from ledgerline.publication.shape import BOOKKEEPING, ViewChange, view_change
from ledgerline.quality.repository.candidates import columns_of
from ledgerline.store.engine import Connection

PUBLISHED = "published"
SUFFIX = "_history"
WITH_HISTORY = {"conformed", "marts"}
_SHOWN = "published_to is null"
_HISTORY = """
select
    p.published_from,
    p.published_to,
    ops.shown_during(opened.published_at, closed.published_at) as shown_during,
    {columns}
from {table} as p
inner join ops.publication as opened on opened.publication_id = p.published_from
left join ops.publication as closed on closed.publication_id = p.published_to
"""
_SHOWN_DURING = "When readers saw the row, UTC; open while they see it"
_GRANTS = """
select
    privilege.privilege_type, a.attname,
    case when privilege.grantee <> 0 then pg_get_userbyid(privilege.grantee) end,
    privilege.is_grantable
from pg_class as v
left join lateral (
    select null::name as attname, v.relacl as acl
    union all
    select attname, attacl from pg_attribute
    where attrelid = v.oid and attnum > 0 and attacl is not null
) as a on true
cross join lateral aclexplode(a.acl) as privilege
where v.oid = %s::regclass and privilege.grantee <> v.relowner
"""
_READ_BY = """
select distinct format('%%s.%%s', n.nspname, reader.relname)
from pg_depend as d
inner join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
inner join pg_class as reader on reader.oid = r.ev_class
inner join pg_namespace as n on n.oid = reader.relnamespace
where
    d.refclassid = 'pg_class'::regclass
    and d.refobjid = %s::regclass
    and r.ev_class <> d.refobjid
order by 1
"""
_COMMENTS = """
with described as (
    select
        v.oid, v.relname, n.nspname, t.oid as table_id
    from pg_class as t
    inner join pg_class as v on v.relkind = 'v'
    inner join pg_namespace as n
        on
            n.oid = v.relnamespace
            and t.relname in (
                concat(n.nspname, '__', v.relname),
                concat(replace(n.nspname, %(suffix)s, ''), '__', v.relname)
            )
    where t.relkind = 'r' and t.relnamespace = %(published)s::regnamespace
),
part as (
    select
        oid, relname, nspname, table_id,
        '' as column_name, 0 as view_part, 0 as table_part
    from described
    union all
    select
        described.oid, described.relname, described.nspname, described.table_id,
        c.attname, c.attnum, kept.attnum
    from described
    inner join pg_attribute as c on c.attrelid = described.oid and c.attnum > 0
    inner join pg_attribute as kept
        on
            kept.attrelid = described.table_id
            and kept.attname = c.attname
            and not kept.attisdropped
)
select part.nspname, part.relname, part.column_name, wanted.description
from part
left join pg_description as wanted
    on
        wanted.classoid = 'pg_class'::regclass
        and wanted.objoid = part.table_id
        and wanted.objsubid = part.table_part
left join pg_description as found
    on
        found.classoid = 'pg_class'::regclass
        and found.objoid = part.oid
        and found.objsubid = part.view_part
where wanted.description is distinct from found.description
"""

View = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What a view has besides its columns: its options and its grants."""

    options: tuple[str, ...]
    grants: tuple[tuple[str, str | None, str | None, bool], ...]


def show(connection: Connection, table: str, columns: Sequence[str]) -> None:
    """Show readers these columns of a published table, and its history in full."""
    reader = _reader(table)
    _bring(connection, reader, _shown(table, columns), columns)
    if reader[0] in WITH_HISTORY:
        history = _history(table)
        every = data_columns(connection, table)
        body = sql.SQL(_HISTORY).format(
            table=sql.Identifier(PUBLISHED, table), columns=column_list(every, "p")
        )
        own = ("published_from", "published_to", "shown_during")
        if _bring(connection, history, body, (*own, *every)):
            _comment(connection, (*history, "shown_during"), _SHOWN_DURING)


def shown_columns(connection: Connection, table: str) -> tuple[str, ...]:
    """Return the columns that readers see of a published table; none, if no view is."""
    view = _reader(table)
    return tuple(columns_of(connection, [view[0]]).get(view, ()))


def withdraw(connection: Connection, table: str) -> None:
    """Take a relation away from readers; its history stays."""
    view = _reader(table)
    if shown_columns(connection, table):
        _drop(connection, view)


@contextmanager
def aside(connection: Connection, table: str) -> Iterator[None]:
    """Take the views of a table away while a column changes its type."""
    columns = shown_columns(connection, table)
    kept = {view: _keep(connection, view) for view in _standing(connection, table)}
    for view in kept:
        _drop(connection, view)
    yield
    if columns:
        show(connection, table, columns)
    for view, each in kept.items():
        _give_back(connection, view, each)


def describe(connection: Connection) -> None:
    """Give every view the comments of its published table."""
    wanted = connection.execute(
        _COMMENTS, {"suffix": SUFFIX, "published": PUBLISHED}
    ).fetchall()
    for schema, name, column, text in wanted:
        _comment(connection, (schema, name, *filter(None, [column])), text)


def _bring(
    connection: Connection, view: View, body: sql.Composed, columns: Sequence[str]
) -> bool:
    standing = tuple(columns_of(connection, [view[0]]).get(view, ()))
    change = view_change(columns, standing)
    if change is ViewChange.REBUILD:
        kept = _keep(connection, view)
        _drop(connection, view)
        _create(connection, view, body)
        _give_back(connection, view, kept)
    elif change is ViewChange.EXTEND:
        _create(connection, view, body)
    return change is not ViewChange.NONE


def _shown(table: str, columns: Iterable[str]) -> sql.Composed:
    return sql.SQL("select {} from {} where {}").format(
        column_list(columns), sql.Identifier(PUBLISHED, table), sql.SQL(_SHOWN)
    )


def _create(connection: Connection, view: View, body: sql.Composed) -> None:
    connection.execute(
        sql.SQL("create or replace view {} as {}").format(sql.Identifier(*view), body)
    )


def _drop(connection: Connection, view: View) -> None:
    readers = [row[0] for row in connection.execute(_READ_BY, [_name(view)])]
    if readers:
        raise ViewInUse(
            f"{'.'.join(view)} must change or go, but is read by "
            f"{', '.join(readers)}; drop these views, publish, and create them again"
        )
    connection.execute(sql.SQL("drop view {}").format(sql.Identifier(*view)))


def _keep(connection: Connection, view: View) -> _Kept:
    name = _name(view)
    options = connection.execute(
        "select unnest(reloptions) from pg_class where oid = %s::regclass", [name]
    )
    return _Kept(
        options=tuple(row[0] for row in options),
        grants=tuple(connection.execute(_GRANTS, [name]).fetchall()),
    )


def _give_back(connection: Connection, view: View, kept: _Kept) -> None:
    """Set options and grants as they were; no role gains what it did not have."""
    target = sql.Identifier(*view)
    columns = columns_of(connection, [view[0]]).get(view, {})
    for _, _, role, _ in _keep(connection, view).grants:
        connection.execute(
            sql.SQL("revoke all on {} from {}").format(target, _role(role))
        )
    for option in kept.options:
        connection.execute(
            sql.SQL("alter view {} set ({})").format(target, sql.SQL(option))
        )
    for privilege, column, role, is_grantable in kept.grants:
        if column is None or column in columns:
            connection.execute(
                sql.SQL("grant {}{} on {} to {}{}").format(
                    sql.SQL(privilege),
                    sql.SQL(" ({})" if column else "").format(
                        sql.Identifier(str(column))
                    ),
                    target,
                    _role(role),
                    sql.SQL(" with grant option" if is_grantable else ""),
                )
            )


def _role(name: str | None) -> sql.Composable:
    return sql.SQL("public") if name is None else sql.Identifier(name)


def _comment(connection: Connection, target: Sequence[str], text: str | None) -> None:
    kind = sql.SQL("column" if len(target) == 3 else "view")
    connection.execute(
        sql.SQL("comment on {} {} is {}").format(
            kind, sql.Identifier(*target), sql.Literal(text)
        )
    )


def _standing(connection: Connection, table: str) -> list[View]:
    views = [_reader(table), _history(table)]
    known = columns_of(connection, [view[0] for view in views])
    return [view for view in views if view in known]


def data_columns(connection: Connection, table: str) -> list[str]:
    """Return the columns of a published table without its bookkeeping."""
    columns = columns_of(connection, [PUBLISHED])[PUBLISHED, table]
    return [name for name in columns if name not in BOOKKEEPING]


def _reader(table: str) -> View:
    schema, _, name = table.partition("__")
    return schema, name


def _history(table: str) -> View:
    schema, name = _reader(table)
    return f"{schema}{SUFFIX}", name


def _name(view: View) -> str:
    return sql.Identifier(*view).as_string(None)


def column_list(names: Iterable[str], alias: str = "") -> sql.Composed:
    """Return columns, of an alias if given, with commas between them."""
    prefix = (alias,) if alias else ()
    return sql.SQL(", ").join(sql.Identifier(*prefix, name) for name in names)
