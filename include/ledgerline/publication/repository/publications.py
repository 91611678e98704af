"""Who may publish now, by which decision, and what has been published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import IsolationLevel, errors, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from ledgerline.publication.publication import (
    Publication,
    PublicationDelayed,
    PublicationFailed,
    RowCounts,
    Shape,
)
from ledgerline.quality.repository.row_hash import STABLE_TEXT
from ledgerline.store.engine import Connection, connect

LOCK = 7_320_520
LOCK_TIMEOUT = "30s"
MEMORY = "set local work_mem = '256MB'"
_SELECT = """
select
    publication_id, decision_id, restores_publication_id, data_hash, suite_hash,
    verdict, code_version, published_at, published_by, held_facilities, row_counts,
    shapes
from ops.publication
"""
_DECISION = """
select
    decision_id, verdict, data_hash, suite_hash, held_facilities,
    not exists (
        select from ops.gate_decision as later
        where later.gate = decision.gate and later.decision_id > decision.decision_id
    ) as is_newest,
    (
        select publication_id from ops.publication
        where
            publication.decision_id = decision.decision_id
            and restores_publication_id is null
    ) as used_by
from ops.gate_decision as decision
where run_id = %s and gate = %s
order by decision_id desc
limit 1
"""
_INSERT = """
insert into ops.publication (
    publication_id, decision_id, restores_publication_id, data_hash, suite_hash,
    verdict, code_version, held_facilities, published_by, row_counts,
    shapes
)
overriding system value
values (
    %(publication_id)s, %(decision_id)s, %(restores_publication_id)s, %(data_hash)s,
    %(suite_hash)s, %(verdict)s, %(code_version)s, %(held_facilities)s,
    coalesce(%(published_by)s, current_user), %(row_counts)s, %(shapes)s
)
"""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A decision as publication needs it; `used_by` names its publication, if any."""

    decision_id: int
    verdict: str
    data_hash: str
    suite_hash: str
    held_facilities: list[str]
    is_newest: bool
    used_by: int | None


@contextmanager
def exclusive(dsn: str) -> Iterator[Connection]:
    """Open the one transaction that publishes; others wait for their turn.

    The lock is taken before the transaction begins, so that its snapshot sees what
    the publication before it committed. Database messages are dropped: their details
    can hold values of a row.
    """
    with connect(dsn) as connection, _without_values():
        connection.execute(
            sql.SQL("set lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT))
        )
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            connection.execute(STABLE_TEXT)
            connection.execute(MEMORY)
            yield connection


@contextmanager
def _without_values() -> Iterator[None]:
    try:
        yield
    except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
        raise PublicationDelayed(
            f"a reader or a running build holds a published relation for more than "
            f"{LOCK_TIMEOUT} (SQLSTATE {error.sqlstate}); nothing was published, run "
            "it again"
        ) from None
    except psycopg.Error as error:
        raise PublicationFailed(
            f"the database refused the publication with {type(error).__name__} "
            f"(SQLSTATE {error.sqlstate}, relation "
            f"{error.diag.table_name or 'not named'}); nothing was published"
        ) from None


def decision_of(connection: Connection, run_id: str, gate: str) -> Verdict | None:
    """Return the newest decision of a gate in this run."""
    with connection.cursor(row_factory=class_row(Verdict)) as cursor:
        return cursor.execute(_DECISION, [run_id, gate]).fetchone()


def newest_number(connection: Connection) -> int | None:
    """Return the publication that readers see now."""
    query = "select max(publication_id) from ops.publication"
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def next_number(connection: Connection) -> int:
    """Reserve the number of the next publication."""
    row = connection.execute(
        "select nextval(pg_get_serial_sequence('ops.publication', 'publication_id'))"
    ).fetchone()
    if row is None:
        raise AssertionError("a sequence always has a next value")
    return int(row[0])


def insert_publication(
    connection: Connection,
    values: Mapping[str, Any],
    row_counts: Mapping[str, RowCounts],
    shapes: Mapping[str, Shape],
) -> Publication:
    """Write the publication row and return it."""
    counts = {label: asdict(count) for label, count in row_counts.items()}
    shown = {label: asdict(shape) for label, shape in shapes.items()}
    connection.execute(
        _INSERT,
        {
            "restores_publication_id": None,
            "published_by": None,
            **values,
            "row_counts": Jsonb(counts),
            "shapes": Jsonb(shown),
        },
    )
    (found,) = find_publications(connection, values["publication_id"])
    return found


def find_publications(
    connection: Connection, publication_id: int | None = None
) -> list[Publication]:
    """Return one publication, or all of them, newest first."""
    where = "" if publication_id is None else "where publication_id = %(id)s "
    query = f"{_SELECT} {where} order by publication_id desc"
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode(), {"id": publication_id}).fetchall()
    return [_publication(row) for row in rows]


def number_at(connection: Connection, moment: datetime) -> int | None:
    """Return the publication that readers saw at a moment."""
    row = connection.execute(
        "select max(publication_id) from ops.publication where published_at <= %s",
        [moment],
    ).fetchone()
    return None if row is None else row[0]


def _publication(row: dict[str, Any]) -> Publication:
    counts = {label: RowCounts(**count) for label, count in row["row_counts"].items()}
    shapes = {
        label: Shape(columns=tuple(shape["columns"]), key=tuple(shape["key"]))
        for label, shape in row["shapes"].items()
    }
    held = tuple(row["held_facilities"])
    return Publication(
        **{**row, "row_counts": counts, "shapes": shapes, "held_facilities": held}
    )
