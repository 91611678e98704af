"""The only place where changesets speak SQL; the statements are in queries.sql."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import LiteralString

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledgerline.crosswalk.changeset import changeset as model
from ledgerline.crosswalk.changeset.changeset import (
    Changeset,
    ChangesetRefused,
    Impact,
    Move,
)
from ledgerline.store.engine import Connection, is_there
from ledgerline.store.refusal import sentence_of
from ledgerline.store.statements import named

USAGE = "conformed.fct_code_usage"


def lock_mappings(connection: Connection) -> None:
    """Wait for everyone else who changes what codes mean."""
    connection.execute(_statements()["lock_mappings"])


def insert(
    connection: Connection, file_name: str, by: str, mappings: Iterable[model.Mapping]
) -> int:
    """Store a changeset, seal its rows, and return its number."""
    with _refusing():
        row = connection.execute(
            _statements()["insert_changeset"],
            {"file_name": file_name, "proposed_by": by},
        ).fetchone()
        number = int(row[0]) if row else 0
        with connection.cursor() as cursor:
            cursor.executemany(
                _statements()["insert_row"],
                [{"changeset_id": number, **asdict(each)} for each in mappings],
            )
        connection.execute(_statements()["seal"], {"changeset_id": number})
    return number


def find(connection: Connection, number: int) -> Changeset | None:
    """Return one changeset."""
    return next(iter(_changesets(connection, number)), None)


def find_open(connection: Connection) -> list[Changeset]:
    """Return the changesets that nobody has decided."""
    return _changesets(connection, None)


def refuse_expired(connection: Connection, number: int) -> None:
    """Raise ChangesetRefused when a changeset may no longer be approved."""
    with _refusing():
        connection.execute(_statements()["refuse_expired"], {"changeset_id": number})


def rows(connection: Connection, number: int) -> list[model.Mapping]:
    """Return the mappings of a changeset."""
    with connection.cursor(row_factory=class_row(model.Mapping)) as cursor:
        return cursor.execute(
            _statements()["rows"], {"changeset_id": number}
        ).fetchall()


def find_conflict(
    connection: Connection, mappings: Sequence[model.Mapping]
) -> tuple[model.Mapping, tuple[str, object, int | None]] | None:
    """Return the first mapping that contradicts one in force, with that one."""
    for mapping in mappings:
        found = connection.execute(
            _statements()["conflict"], asdict(mapping)
        ).fetchone()
        if found:
            return mapping, (found[0], found[1], found[2])
    return None


def impact(connection: Connection, number: int) -> Impact:
    """Return what a changeset moves over the newest publication."""
    row = connection.execute(_statements()["publication"]).fetchone()
    moves: list[Move] = []
    if is_there(connection, USAGE):
        with connection.cursor(row_factory=class_row(Move)) as cursor:
            moves = cursor.execute(
                _statements()["impact"], {"changeset_id": number}
            ).fetchall()
    return Impact(publication_id=row[0] if row else None, moves=tuple(moves))


def keep_impact(connection: Connection, number: int, impact: Impact) -> None:
    """Keep what was shown."""
    lines = [{**asdict(move), "amount": str(move.amount)} for move in impact.moves]
    connection.execute(
        _statements()["keep_impact"],
        {
            "changeset_id": number,
            "publication_id": impact.publication_id,
            "lines": Jsonb(lines),
        },
    )


def shown_impact(connection: Connection, number: int) -> Impact | None:
    """Return what was shown last."""
    row = connection.execute(
        _statements()["shown_impact"], {"changeset_id": number}
    ).fetchone()
    if row is None:
        return None
    moves = (Move(**{**line, "amount": Decimal(line["amount"])}) for line in row[1])
    return Impact(publication_id=row[0], moves=tuple(moves))


def decide(
    connection: Connection, number: int, state: str, by: str, publication: int | None
) -> None:
    """Decide a changeset; the database refuses what breaks a rule of review."""
    with _refusing():
        connection.execute(
            _statements()["decide"],
            {
                "changeset_id": number,
                "state": state,
                "decided_by": by,
                "publication_id": publication,
            },
        )


def _changesets(connection: Connection, number: int | None) -> list[Changeset]:
    with connection.cursor(row_factory=class_row(Changeset)) as cursor:
        return cursor.execute(
            _statements()["changesets"], {"changeset_id": number}
        ).fetchall()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn a rule that the database keeps into one sentence."""
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        raise ChangesetRefused(
            sentence_of(error) or "give the name of a person; it is empty"
        ) from None


def _statements() -> Mapping[str, LiteralString]:
    return named("ledgerline.crosswalk.changeset", "queries.sql")
