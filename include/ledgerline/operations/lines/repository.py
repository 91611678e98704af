"""The only place where access to service lines speaks SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg

from ledgerline.canonical.errors import Rejected
from ledgerline.store.engine import Connection
from ledgerline.store.refusal import sentence_of
from ledgerline.store.statements import named

_STATEMENTS = named("ledgerline.operations.lines", "queries.sql")


class AccessRefused(Rejected):
    """Access to a service line breaks a rule of the four eyes; nothing was changed."""

    code = "ACCESS_REFUSED"


def propose(
    connection: Connection, director: str, line: str, *, is_given: bool, by: str
) -> int:
    """Store that a line be given, or is taken; return the number."""
    values = {"director": director, "line": line, "is_given": is_given, "by": by}
    row = connection.execute(_STATEMENTS["propose"], values).fetchone()
    return int(row[0]) if row else 0


def decide(
    connection: Connection, number: int, state: str, by: str
) -> tuple[str, str] | None:
    """Decide what was proposed; return director and line, None of no such number."""
    values = {"access_id": number, "state": state, "by": by}
    row = connection.execute(_STATEMENTS["decide"], values).fetchone()
    return (row[0], row[1]) if row else None


def is_known(connection: Connection, line: str) -> bool:
    """Tell whether a service line has this code."""
    unknown = connection.execute(_STATEMENTS["unknown"], {"line": line}).fetchone()
    return unknown is None


def held(connection: Connection) -> list[tuple[str, str]]:
    """Return each director and line that is seen now."""
    return [(row[0], row[1]) for row in connection.execute(_STATEMENTS["held"])]


def waiting(connection: Connection) -> list[tuple[int, str, str, str, datetime]]:
    """Return what waits for a second person: number, director, line, who, until."""
    found = connection.execute(_STATEMENTS["waiting"])
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a rule that the database keeps into one sentence."""
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        raise AccessRefused(
            sentence_of(error)
            or "a director's account has small letters, digits and underscores, and "
            "the person who says so a name; one of them has not"
        ) from None
