"""FHIR references that lead to nothing yet: parked with a deadline, closed on arrival.

The resource has landed and counts; only what it refers to is missing. A type that the
source never delivers is not waited for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.landing.quarantine import OWNERS
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named

PATIENCE = timedelta(days=1)
"""How long the target of a reference may take before somebody is asked."""


def park_dangling(connection: Connection, now: datetime) -> int:
    """Park what landed since the last time and refers to nothing; return what waits.

    In one transaction, by one process at a time. What was parked before and has found
    its target is closed.
    """
    with connection.transaction():
        for source, batch_id, after in _run(connection, "sources_to_check").fetchall():
            found = _run(connection, "newest", source=source, record_id=after)
            [(newest,)] = found.fetchall()
            _run(
                connection,
                "park",
                source=source,
                after=after,
                newest=newest,
                owner=OWNERS[RefusalClass.ORDER_WAIT],
                due_at=now + PATIENCE,
            )
            _run(
                connection,
                "note_checked",
                source=source,
                batch_id=batch_id or 0,
                newest=newest,
            )
        _run(connection, "settle")
        [(waiting,)] = _run(connection, "count_waiting").fetchall()
        return int(waiting)


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "references.sql")[query]
    return connection.execute(sql.SQL(text), values or None)
