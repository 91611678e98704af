"""Records: staged in blocks, merged by content; quarantine; what vanished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import psycopg
from psycopg.rows import TupleRow

from ledgerline.connectors.formats.record import Record
from ledgerline.landing.quarantine import Quarantined
from ledgerline.landing.repository.statements import run_in, statement, value
from ledgerline.landing.stored import Batch

_WORTH_ANALYZING = 2_000
_SEPARATOR = "\x1f"


class LandedMeanwhile(Exception):
    """Another source of the zone landed the same content a moment ago."""


def clear_staging(of: Batch) -> None:
    """Empty the staging tables of this connection."""
    run_in(of, "clear_staging")


def copy_rows(of: Batch, query: str, block: bytes) -> int:
    """Send a block of rows in the COPY format of the query; return their number.

    Raises LandedMeanwhile when one of them is there already.
    """
    cursor = of.connection.cursor()
    try:
        with cursor.copy(statement(query, of.schema)) as copy:
            copy.write(block)
    except psycopg.errors.UniqueViolation as error:
        raise LandedMeanwhile from error
    return cursor.rowcount


def knows_a_record(of: Batch, records: Sequence[Record]) -> bool:
    """Tell whether any of these contents, all of one type, has landed before."""
    ids = _SEPARATOR.join([record.resource_id for record in records])
    if ids.count(_SEPARATOR) + 1 != len(records):
        return True
    found = run_in(
        of,
        "knows_a_record",
        resource_type=records[0].resource_type,
        ids=ids,
        hashes=b"".join([record.content_sha256 for record in records]),
        separator=_SEPARATOR,
    )
    return found.fetchone() is not None


def knows_a_version(of: Batch, keys: Sequence[str]) -> bool:
    """Tell whether any of these versions has come before."""
    joined = _SEPARATOR.join(keys)
    if joined.count(_SEPARATOR) + 1 != len(keys):
        return True
    found = run_in(of, "knows_a_version", keys=joined, separator=_SEPARATOR)
    return found.fetchone() is not None


def withdraw(of: Batch, first: int, last: int) -> int:
    """Take back the staged records of these units; return how many there were."""
    run_in(of, "withdraw_sets", first=first, last=last)
    return run_in(of, "withdraw_records", first=first, last=last).rowcount


def conflicting_sets(of: Batch, file_id: int) -> Sequence[TupleRow]:
    """Register the staged sets; return (unit, type, offset, length) of conflicts."""
    run_in(of, "register_sets", file_id=file_id)
    return run_in(of, "conflicting_sets").fetchall()


def take_conflicting_versions(of: Batch, file_id: int) -> Sequence[TupleRow]:
    """Register the staged versions; unstage and return (type, offset, length)."""
    run_in(of, "register_versions", file_id=file_id)
    return run_in(of, "take_conflicting_versions").fetchall()


def merge_records(of: Batch, file_id: int) -> tuple[int, dict[str, int]]:
    """Insert what is new; return the number staged and what landed by type."""
    staged = value(run_in(of, "count_staged"))
    if staged > _WORTH_ANALYZING:
        run_in(of, "analyze_staging")
    rows = run_in(of, "merge_records", file_id=file_id, batch_id=of.batch_id).fetchall()
    note_returns(of, file_id)
    return staged, {row[0]: row[1] for row in rows}


def note_returns(of: Batch, made_of: int = 0) -> None:
    """Note what is staged, was known, and is not what its source showed last.

    Records made of the file `made_of`, at the place where they are staged, are new.
    """
    run_in(of, "note_returns", batch_id=of.batch_id, made_of=made_of)


def merge_deletions(of: Batch, file_id: int) -> dict[str, int]:
    """Note the staged deletions of what is not gone yet; return them by type."""
    rows = run_in(
        of, "merge_deletions", file_id=file_id, batch_id=of.batch_id
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def quarantine(of: Batch, file_id: int | None, rows: Iterable[Quarantined]) -> None:
    """Write quarantine rows."""
    with of.connection.cursor() as cursor:
        cursor.executemany(
            statement("quarantine", of.schema),
            [
                row.values()
                | {"batch_id": of.batch_id, "source": of.source, "file_id": file_id}
                for row in rows
            ],
        )


def note_seen(of: Batch, file_id: int) -> None:
    """Remember the resources staged, and landed from the file, as seen."""
    run_in(of, "note_seen", file_id=file_id)


def note_vanished(of: Batch, except_types: Collection[str]) -> int:
    """Note the resources of this source that a complete extract no longer held.

    Types of which something was refused are left as they are: what was refused may
    be what seems to be gone.
    """
    return run_in(
        of,
        "note_vanished",
        batch_id=of.batch_id,
        source=of.source,
        except_types=sorted(except_types),
    ).rowcount


def analyze(of: Batch) -> None:
    """Refresh the planner's statistics after a landing."""
    run_in(of, "analyze_record")
    run_in(of, "analyze_file")
