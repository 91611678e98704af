"""The candidate relations: their columns, their hash, what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import errors, sql

from ledgerline.canonical.errors import Rejected
from ledgerline.quality.relation import Relation, RelationHash
from ledgerline.quality.repository.following import Following, find_following
from ledgerline.quality.repository.row_hash import STABLE_TEXT, row_hash
from ledgerline.quality.suite import Expectation, Kind
from ledgerline.store.engine import Connection

_COLUMNS = """
select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_attribute as a on a.attrelid = c.oid
where
    n.nspname = any(%s)
    and c.relkind in ('r', 'p', 'v', 'm')
    and a.attnum > 0
    and not a.attisdropped
order by n.nspname, c.relname, a.attnum
"""
_FINDINGS = {
    "row_floor": """
        select null, concat(count(*), ' rows'), null from {candidate}
    """,
    "not_null": """
        select null, concat(count(*), ' nulls'), count(*)
        from {candidate} where {column} is null
    """,
    "unique": """
        select null, concat(count(*), ' keys more than once'), sum(copies)::bigint
        from (
            select count(*) as copies from {candidate}
            group by {key} having count(*) > 1
        ) as duplicate
    """,
    "no_rows_block": """
        with batch as (select * from {candidate})
        select null, concat(count(*), ' rows'), count(*) from ({query}) as found
    """,
    "no_rows_hold": """
        with batch as (select * from {candidate})
        select
            facility_code, string_agg(observed, '; ' order by observed), count(*)
        from ({query}) as found group by facility_code order by facility_code
    """,
    "no_rows_warn": """
        with batch as (select * from {candidate})
        select null, string_agg(observed, '; ' order by observed), count(*)
        from ({query}) as found
    """,
}

Columns = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a failed expectation found, and at which facility when it is held."""

    facility_code: str | None
    observed: str
    failed_count: int | None


class CandidateMissing(Rejected):
    """A relation that should be published was not built."""

    code = "CANDIDATE_MISSING"


def columns_of(
    connection: Connection, schemas: Sequence[str]
) -> dict[tuple[str, str], Columns]:
    """Return every relation's columns and their types, in the order they stand."""
    found: dict[tuple[str, str], Columns] = {}
    for schema, table, column, kind in connection.execute(_COLUMNS, [list(schemas)]):
        found.setdefault((schema, table), {})[column] = kind
    return found


def candidate_columns(
    connection: Connection, relations: Iterable[Relation]
) -> dict[str, Columns]:
    """Return the candidate columns by label; refuse when one was not built."""
    relations = tuple(relations)
    schemas = sorted({relation.candidate_schema for relation in relations})
    found = columns_of(connection, schemas)
    missing = [r.label for r in relations if (r.candidate_schema, r.name) not in found]
    if missing:
        raise CandidateMissing(
            f"{', '.join(missing)} was not built; read the dbt log, correct the model "
            "and build again"
        )
    return {r.label: found[r.candidate_schema, r.name] for r in relations}


def hash_relations(
    connection: Connection, relations: Iterable[Relation]
) -> list[RelationHash]:
    """Hash the candidate rows; call it inside a transaction.

    Of a candidate that is followed only what changed is read.
    """
    connection.execute(STABLE_TEXT)
    relations = tuple(relations)
    columns = candidate_columns(connection, relations)
    known = find_following(connection, columns)
    return [
        _hash_noted(known[relation.label], columns[relation.label])
        if relation.label in known
        else _hash_relation(connection, relation, columns[relation.label])
        for relation in relations
    ]


def _hash_noted(known: Following, columns: Columns) -> RelationHash:
    return RelationHash(
        label=known.relation,
        columns=columns,
        row_count=known.row_count,
        row_sum=int(known.row_sum),
    )


def _hash_relation(
    connection: Connection, relation: Relation, columns: Columns
) -> RelationHash:
    query = sql.SQL(
        "select count(*), coalesce(sum(('x' || encode(substring({hash} from 1 for 8), "
        "'hex'))::bit(64)::bigint::numeric), 0) from {relation} as c"
    ).format(
        hash=row_hash(columns, "c"),
        relation=sql.Identifier(relation.candidate_schema, relation.name),
    )
    count, total = connection.execute(query).fetchone() or (0, 0)
    return RelationHash(
        label=relation.label, columns=columns, row_count=count, row_sum=int(total)
    )


def findings(
    connection: Connection, relation: Relation, demand: Expectation
) -> list[Finding]:
    """Tell what a failed expectation found, in counts and codes.

    Nothing comes back when the query fails: the failure itself stands.
    """
    candidate = sql.Identifier(relation.candidate_schema, relation.name)
    key = sql.SQL(", ").join(map(sql.Identifier, demand.columns or relation.key))
    query = sql.SQL(_FINDINGS[_finding_shape(demand)]).format(
        candidate=candidate,
        key=key,
        column=sql.Identifier(demand.columns[0] if demand.columns else ""),
        query=sql.SQL(demand.query),
    )
    try:
        with connection.transaction():
            rows = connection.execute(query).fetchall()
    except errors.Error:
        return []
    return [
        Finding(facility_code=row[0], observed=row[1] or "", failed_count=row[2])
        for row in rows
    ]


def _finding_shape(demand: Expectation) -> str:
    if demand.kind is Kind.NO_ROWS:
        return f"{demand.kind}_{demand.severity}"
    return str(demand.kind)
