"""What a build looks at, in schema `build`: its state, its ties, its scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from ledgerline.store.engine import Connection
from ledgerline.store.statements import named

ZONES = ("ehr", "billing")
"""The zones whose records are tied; of the others everything is built each time."""
Marks = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class State:
    """The row of build.state: how the newest build ended, and what it was made from.

    `full_days` is the number of days since a build was full, None where none was.
    """

    status: str
    marks: Marks
    inputs: Mapping[str, str]
    is_increment: bool
    full_days: int | None = None


def take_turn(connection: Connection) -> None:
    """Wait until no other build decides what it looks at."""
    _run(connection, "take_turn")


def try_turn_of_events(connection: Connection) -> bool:
    """Take the turn until the connection closes; False where it is taken."""
    return bool(_value(_run(connection, "try_turn_of_events")))


def await_turn_of_events(connection: Connection) -> None:
    """Wait until nobody holds the turn of events."""
    _run(connection, "await_turn_of_events")


def read_marks(connection: Connection) -> Marks:
    """Return the highest numbers landed so far, below which nothing is to come."""
    with connection.transaction():
        _run(connection, "patience")
        _run(connection, "wait_for_landings")
        return dict(_value(_run(connection, "marks")))


def read_state(connection: Connection) -> State:
    """Return what the newest build left."""
    row = _run(connection, "state").fetchone() or ("none", {}, {}, False, None)
    return State(
        status=row[0],
        marks=row[1],
        inputs=row[2],
        is_increment=row[3],
        full_days=row[4],
    )


def reference_hashes(connection: Connection) -> dict[str, str]:
    """Return a hash of every reference table, and one of what the day decides."""
    tables = [row[0] for row in _run(connection, "reference_tables")]
    found = {
        f"reference.{table}": str(_value(_run(connection, "content", table=table)))
        for table in tables
    }
    return found | {"calendar": str(_value(_run(connection, "calendar")))}


def open_build(
    connection: Connection,
    *,
    is_increment: bool,
    reason: str,
    marks: Marks,
    inputs: Mapping[str, str],
) -> None:
    """Note that a build runs, what it is and what it is built from."""
    _run(
        connection,
        "open_build",
        {
            "is_increment": is_increment,
            "reason": reason,
            "marks": Jsonb(marks),
            "inputs": Jsonb(inputs),
        },
    )


def request_build(connection: Connection) -> bool:
    """Note that a build is asked for; False where none is due or one was asked for."""
    return _run(connection, "request_build").rowcount > 0


def taint(connection: Connection) -> None:
    """Note that a stage of the running build failed."""
    _run(connection, "taint")


def close_build(connection: Connection, *, is_success: bool) -> None:
    """Note that the running build ended; only an untainted success is done."""
    _run(connection, "close_build", {"is_success": is_success})


def untie_everything(connection: Connection) -> None:
    """Forget every tie and scope."""
    _run(connection, "clear")


def tie_everything(connection: Connection, marks: Marks) -> None:
    """Forget every tie and scope, and tie all records up to the marks."""
    untie_everything(connection)
    _run(connection, "drop_indexes")
    _tie(connection, dict.fromkeys(marks, 0), marks)
    _run(connection, "create_indexes")


def find_changed(connection: Connection, before: Marks, marks: Marks) -> None:
    """Gather what changed since the build before, and tie what is new."""
    _run(connection, "clear_scope")
    _tie(connection, before, marks)
    _run(connection, "make_changed")
    for zone in ZONES:
        since = {kind: before[f"{zone}_{kind}"] for kind in _KINDS}
        values = {**since, "zone": f"raw_{zone}"}
        _run(connection, "find_changed", values, zone=f"raw_{zone}")
    _run(connection, "find_folded")


def changed_types(connection: Connection, zone: str, since: Marks) -> set[str]:
    """Return the types of the records of a zone that are new or deleted since."""
    values = {kind: since[f"{zone}_{kind}"] for kind in _KINDS}
    return {
        row[0] for row in _run(connection, "changed_types", values, zone=f"raw_{zone}")
    }


def keep_news(connection: Connection, before: Marks, marks: Marks) -> None:
    """Keep of what something is new since the build before: what reads it is remade."""
    for zone in (*ZONES, "erp"):
        kinds = sorted(changed_types(connection, zone, before))
        _run(connection, "keep_news", {"zone": f"raw_{zone}", "kinds": kinds})
    _run(connection, "keep_folded_news")
    for name, (zone, kind) in _WATCHED.items():
        if before[name] != marks[name]:
            _run(connection, "keep_news", {"zone": zone, "kinds": [kind]})


def find_scope(connection: Connection) -> tuple[int, int]:
    """Keep all that is tied to what changed; return its records and all ties."""
    _run(connection, "find_dependents")
    _run(connection, "find_scope")
    for zone in ZONES:
        _run(connection, "keep_scope", {"zone": f"raw_{zone}"}, zone=f"raw_{zone}")
    _run(connection, "analyze_scope")
    row = _run(connection, "scope_size").fetchone() or (0, 0)
    return int(row[0]), int(row[1])


_KINDS = ("record", "sighting", "vanishing")
_WATCHED = {
    "day": ("clock", "day"),
    "appointments": ("raw_ehr", "folded_appointment"),
}
"""What is new when its mark is another one."""


def _tie(connection: Connection, low: Marks, high: Marks) -> None:
    for zone in ZONES:
        span = {"low": low[f"{zone}_record"], "high": high[f"{zone}_record"]}
        _run(connection, f"tie_{zone}", span)
        _run(
            connection,
            "tie_versions",
            {**span, "zone": f"raw_{zone}"},
            zone=f"raw_{zone}",
        )
    for query in ("look_at_folded", "compare_folded", "tie_folded", "keep_folded"):
        _run(connection, query)


def _run(
    connection: Connection,
    query: str,
    values: Mapping[str, object] | None = None,
    **names: str,
) -> psycopg.Cursor[TupleRow]:
    text = named(__package__, "queries.sql")[query]
    identifiers = {name: sql.Identifier(given) for name, given in names.items()}
    return connection.execute(sql.SQL(text).format(**identifiers), values)


def _value(cursor: psycopg.Cursor[TupleRow]) -> Any:  # noqa: ANN401
    row = cursor.fetchone()
    return row[0] if row else None
