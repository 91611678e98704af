"""FHIR references that lead to nothing yet: parked with a deadline, closed on arrival.

The resource has landed and counts; only what it refers to is missing. A type that the
source never delivers is not waited for. Every reference to nothing is counted, also
where no model reads it and nobody waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.landing.waiting import Reason, keep
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named

PATIENCE = timedelta(days=1)
"""How long the target of a reference may take before somebody is asked."""


def park_dangling(connection: Connection, now: datetime) -> int:
    """Park and count what landed since the last time and refers to nothing.

    In one transaction, by one process at a time. What was parked before and has found
    its target is closed. Returns how many resources wait.
    """
    with connection.transaction():
        waiting = _messages(_run(connection, "still_dangling"))
        for source, batch_id, after in _run(connection, "sources_to_check").fetchall():
            found = _run(connection, "newest", source=source, record_id=after)
            [(newest,)] = found.fetchall()
            extent = {"source": source, "after": after, "newest": newest}
            waiting |= _messages(_run(connection, "dangling", **extent))
            _run(connection, "note_missing", **extent)
            _run(
                connection,
                "note_checked",
                source=source,
                batch_id=batch_id or 0,
                newest=newest,
            )
        _run(connection, "drop_found")
        reason = Reason(zone="ehr", stage="reference", patience=PATIENCE, since=now)
        keep(connection, reason, waiting)
        [(count,)] = _run(connection, "count_waiting").fetchall()
        return int(count)


def missing(connection: Connection) -> list[TupleRow]:
    """Return what the resources of a type refer to and has not landed, by its type.

    Rows of source, type, type referred to, references, resources missing, and whether
    anything of that type has landed.
    """
    return _run(connection, "missing").fetchall()


def _messages(found: Iterable[TupleRow]) -> dict[int, str]:
    return {
        record_id: f"{resource_type} refers to what has not landed ({links}); it "
        "counts meanwhile, and this closes when it lands; when it is due, ask the "
        "sender to deliver it"
        for record_id, resource_type, links in found
    }


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "references.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
