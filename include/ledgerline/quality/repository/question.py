"""One question about many expectations: which of them may not hold?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from psycopg import sql

from ledgerline.quality.suite import Kind, Suite

# Great Expectations wants `{batch}` in a query; where there is a join, it has no alias.
_QUESTION = """
select array_agg(suspect.name order by suspect.name) as names
from (
{suspects}
) as suspect
left join (select from {{batch}} as candidate limit 0) as batch on true
having count(*) > 0
"""
_COUNTED = """
select told.name
from (select array[{flags}] as flags from {candidate}) as counted
cross join lateral unnest(array[{names}], counted.flags) as told (name, is_suspect)
where told.is_suspect
"""
_DOUBLED = """
select {name} as name where exists (
    select from {candidate} group by {key} having count(*) > 1
)
"""
_FORBIDDEN = """
select {name} as name where exists (
with batch as (select * from {candidate})
{query}
)
"""


def question(suites: Iterable[Suite], floors: Mapping[str, int]) -> str:
    """Return a query of one row, the names of checks that may not hold; none if all do.

    What it does not name holds: each part asks at least as much as Great Expectations
    does. What it names has to be asked by itself, since keys that are null twice are no
    duplicates to Great Expectations. For its counts a candidate is read once.
    """
    parts = [part for suite in suites for part in _parts(suite, floors)]
    return _QUESTION.format(suspects="union all".join(parts))


def _parts(suite: Suite, floors: Mapping[str, int]) -> Iterator[str]:
    candidate = _quoted(suite.relation.candidate_schema, suite.relation.name)
    names, flags = [], []
    for demand in suite.expectations:
        name = sql.Literal(str(suite.check_id(demand))).as_string()
        if demand.kind is Kind.UNIQUE:
            key = ", ".join(map(_quoted, demand.columns))
            yield _DOUBLED.format(name=name, candidate=candidate, key=key)
        elif demand.kind is Kind.NO_ROWS:
            yield _FORBIDDEN.format(name=name, candidate=candidate, query=demand.query)
        else:
            names.append(name)
            flags.append(
                f"count(*) < {floors[demand.floor]}"
                if demand.kind is Kind.ROW_FLOOR
                else f"count(*) > count({_quoted(demand.columns[0])})"
            )
    if names:
        yield _COUNTED.format(
            flags=", ".join(flags), candidate=candidate, names=", ".join(names)
        )


def _quoted(*parts: str) -> str:
    return sql.Identifier(*parts).as_string()
