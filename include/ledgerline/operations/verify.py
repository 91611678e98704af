"""Verify: hold what is on record against what was promised, and name every break.

The files in `promises/` are one query each: its first line is the promise, its rows
(subject, problem) are the breaks. The bytes as received are hashed again beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ledgerline.landing.repository import original_bytes
from ledgerline.landing.stored import BytesDamaged
from ledgerline.operations import repository
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import Connection, connect

PROMISES = Path(__file__).parent / "promises"
SHOWN = 20
StoredFile = tuple[str, int, str, bytes]
"""Schema, number, name and SHA-256 of a file whose bytes are kept."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promise and its breaks, as (subject, problem)."""

    sentence: str
    breaks: tuple[tuple[str, str], ...]


def verify(dsn: str) -> list[Promise]:
    """Check every promise on one state of the warehouse."""
    with connect(dsn) as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        return check_all(connection)


def check_all(connection: Connection) -> list[Promise]:
    """Check every promise on the state that a connection sees."""
    return [
        *(_queried(connection, path) for path in sorted(PROMISES.glob("*.sql"))),
        Promise(
            sentence="Every stored file has the bytes that were received",
            breaks=tuple(changed_files(connection, stored_files(connection))),
        ),
        Promise(
            sentence="Every record leads to its file and its batch",
            breaks=tuple(_lost_records(connection)),
        ),
    ]


def check_chain(connection: Connection) -> Promise:
    """Check the audit chain alone."""
    return _queried(connection, PROMISES / "audit_chain_is_unbroken.sql")


def print_verification(promises: Sequence[Promise]) -> bool:
    """Print promise by promise what holds; tell whether everything does."""
    out = Console(width=WIDTH, highlight=False)
    rows = [
        (promise.sentence, "holds" if not promise.breaks else len(promise.breaks))
        for promise in promises
    ]
    out.print(table("What was promised", ("Promise", "Breaks"), rows))
    broken = [each for promise in promises for each in promise.breaks]
    if broken:
        out.print(table("What does not hold", ("Where", "Problem"), broken[:SHOWN]))
        out.print(f"{len(broken)} breaks, {min(len(broken), SHOWN)} shown")
    return not broken


def _queried(connection: Connection, path: Path) -> Promise:
    text = path.read_text(encoding="utf-8")
    return Promise(
        sentence=text.splitlines()[0].removeprefix("-- "),
        breaks=tuple(repository.breaks(connection, text)),
    )


def stored_files(connection: Connection) -> list[StoredFile]:
    """Return every file whose bytes are kept."""
    return [
        (schema, *file)
        for schema in repository.raw_schemas(connection)
        for file in repository.stored_files(connection, schema)
    ]


def changed_files(
    connection: Connection, files: Iterable[StoredFile]
) -> Iterator[tuple[str, str]]:
    """Hash files again; name those that have other bytes than were received."""
    for schema, file_id, name, expected in files:
        digest = hashlib.sha256()
        with suppress(BytesDamaged):
            for chunk in original_bytes(connection, schema, file_id):
                digest.update(chunk)
        if digest.digest() != expected:
            yield f"{schema}.file {file_id} ({name})", "its SHA-256 is another now"


def _lost_records(connection: Connection) -> Iterator[tuple[str, str]]:
    for schema in repository.raw_schemas(connection):
        for record_id in repository.lost_records(connection, schema):
            yield f"{schema}.record {record_id}", "its file or its batch is missing"
