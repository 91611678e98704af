"""What the codes of a set can mean, read from the reference tables and dimensions."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from ledgerline.canonical.errors import Held
from ledgerline.crosswalk.code_set import CodeSet
from ledgerline.store.engine import Connection, is_there

# A relation without periods has one row a code.
_NEWEST = """
select distinct on (listed.{}) listed.{}, {}, {}
from {} as listed
order by 1, to_jsonb(listed) ->> 'valid_from' desc nulls last
"""


class NothingPublished(Held):
    """What was asked for is only known once a publication shows it."""

    code = "NOTHING_PUBLISHED"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One canonical code with its name, and its identifier where it has one."""

    code: str
    name: str
    identifier: str = ""


def require(connection: Connection, relation: str) -> None:
    """Raise NothingPublished unless readers can read the relation."""
    if not is_there(connection, relation):
        raise NothingPublished(
            f"no publication has shown {relation} yet; run the build first"
        )


def candidates(connection: Connection, code_set: CodeSet) -> list[Candidate]:
    """Return every canonical code of a set, as it is called last.

    There is none before a publication lists them.
    """
    if not code_set.relation or not is_there(connection, code_set.relation):
        return []
    name = sql.Identifier
    rows = connection.execute(
        sql.SQL(_NEWEST).format(
            name(code_set.code),
            name(code_set.code),
            name(code_set.title),
            name(code_set.identifier) if code_set.identifier else sql.Literal(""),
            name(*code_set.relation.split(".")),
        )
    ).fetchall()
    return [
        Candidate(code=code, name=title or "", identifier=identifier or "")
        for code, title, identifier in rows
    ]


def codes(connection: Connection, code_set: CodeSet) -> set[str]:
    """Return the canonical codes of a set."""
    return {candidate.code for candidate in candidates(connection, code_set)}
