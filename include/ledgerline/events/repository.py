"""The fold's tables in raw_ehr: events, redirects, folded state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.events.event import Event, Identifier, Key
from ledgerline.events.state import AppointmentState, State
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named

Subject = tuple[str, str, str]
"""Kind (visit or appointment), sending facility, number."""
Sender = tuple[str, str]
"""The code that stands for an MSH-4, and the time zone of its clocks."""
_decode = msgspec.json.Decoder().decode


def take_turn(connection: Connection) -> None:
    """Wait until no other fold runs."""
    _run(connection, "take_turn")


def unfolded(connection: Connection, limit: int, after: int) -> list[Event]:
    """Return landed events that no fold has read, with numbers after this one."""
    found = _run(connection, "unfolded", limit=limit, after=after)
    return [_event(row) for row in found]


def register(
    connection: Connection,
    events: Iterable[tuple[Event, Subject]],
    horizon: datetime,
) -> None:
    """Note events as read, each with what it is about.

    Those that happen after the horizon wait.
    """
    rows, shown = [], []
    for event, (subject, facility, subject_id) in events:
        rows.append(
            {
                "record_id": event.record_id,
                "subject": subject,
                "sending_facility": facility,
                "subject_id": subject_id,
                "happened_at": event.happened_at,
                "is_waiting": event.happened_at > horizon,
            }
        )
        if subject != "merge":
            shown += [{"record_id": event.record_id} | _row(k) for k in event.shown()]
    _run_many(connection, "insert_event", rows)
    _run_many(connection, "insert_identifier", shown)


def release_due(connection: Connection, horizon: datetime) -> set[Subject]:
    """Let events whose time has come count; return what they are about."""
    return {_subject(row) for row in _run(connection, "release_due", horizon=horizon)}


def merges(connection: Connection) -> list[Event]:
    """Return every event that merges patients or undoes it."""
    return [_event(row) for row in _run(connection, "merges")]


def known(connection: Connection, keys: Set[Key]) -> set[Key]:
    """Return those of the identifiers that an event shows that is no merge."""
    found = _run(connection, "known", **_split(keys))
    return {(row[0], row[1], row[2]) for row in found}


def redirects(connection: Connection) -> dict[Key, Identifier]:
    """Return where each retired identifier led at the last fold."""
    return {
        (row[0], row[1], row[2]): Identifier(
            kind=row[0], authority=row[3], value=row[4], type=row[5]
        )
        for row in _run(connection, "redirects")
    }


def change_redirects(
    connection: Connection, survivors: Mapping[Key, Identifier], changed: Set[Key]
) -> None:
    """Keep where the identifiers lead that lead elsewhere than before."""
    dropped = [_row(key) for key in changed - survivors.keys()]
    put = [
        _row(key)
        | {
            "survivor_authority": survivors[key].authority,
            "survivor_value": survivors[key].value,
            "survivor_type": survivors[key].type,
        }
        for key in changed & survivors.keys()
    ]
    _run_many(connection, "drop_redirect", dropped)
    _run_many(connection, "put_redirect", put)


def subjects_of(connection: Connection, keys: Set[Key]) -> set[Subject]:
    """Return the visits and appointments that show one of the identifiers."""
    found = _run(connection, "subjects_of", **_split(keys))
    return {_subject(row) for row in found}


def count_merges(connection: Connection, record_ids: Set[int]) -> set[int]:
    """Note the merges that count; return those for which that changed."""
    found = _run(connection, "count_merges", record_ids=sorted(record_ids))
    return {row[0] for row in found}


def facility_codes(connection: Connection) -> dict[str, tuple[Sender, str, str]]:
    """Return by MSH-4 how it was read, the facility it is mapped to, and its zone."""
    found = _run(connection, "facility_codes")
    return {row[0]: ((row[1], row[2]), row[3] or "", row[4] or "UTC") for row in found}


def reread_facilities(
    connection: Connection, senders: Mapping[str, Sender], outdated: Set[str]
) -> list[tuple[str, str]]:
    """Keep how codes are read; forget what was folded under outdated ones.

    Returns the visits forgotten, by facility and number.
    """
    rows = [
        {"sender_code": code, "known_as": known_as, "time_zone": time_zone}
        for code, (known_as, time_zone) in senders.items()
    ]
    _run_many(connection, "put_facility_code", rows)
    for zone in ("identifiers", "events", "appointments"):
        _run(connection, f"forget_{zone}", facilities=sorted(outdated))
    forgotten = _run(connection, "forget_visits", facilities=sorted(outdated))
    return [(row[0], row[1]) for row in forgotten]


def events_of(
    connection: Connection, subjects: Sequence[Subject]
) -> dict[Subject, list[Event]]:
    """Return the events that count, by what they are about."""
    found: dict[Subject, list[Event]] = {}
    for row in _run(
        connection,
        "events_of",
        subjects=[subject[0] for subject in subjects],
        facilities=[subject[1] for subject in subjects],
        ids=[subject[2] for subject in subjects],
    ):
        found.setdefault(_subject(row), []).append(_event(row[3:]))
    return found


def drop_visits(connection: Connection, gone: Iterable[Subject]) -> int:
    """Drop the states of visits that are no visits any longer; return how many."""
    rows = [{"sending_facility": s[1], "visit_number": s[2]} for s in gone]
    return _run_many(connection, "drop_visit", rows)


def put(connection: Connection, states: Iterable[State], now: datetime) -> int:
    """Keep the states; return how many rows changed."""
    changed = 0
    by_table: dict[str, list[dict[str, object]]] = {}
    for state in states:
        is_booking = isinstance(state, AppointmentState)
        query = "put_appointment" if is_booking else "put_visit"
        by_table.setdefault(query, []).append(state.columns() | {"now": now})
    for query, rows in by_table.items():
        changed += _run_many(connection, query, rows)
    return changed


def waiting(connection: Connection, overdue: datetime) -> set[int]:
    """Return the records of events that wait, and of visits provisional too long."""
    return {row[0] for row in _run(connection, "waiting", overdue=overdue)}


def unattributed(connection: Connection) -> set[int]:
    """Return the records of events that name no visit or appointment."""
    return {row[0] for row in _run(connection, "unattributed")}


def _event(row: Sequence[Any]) -> Event:
    return Event(
        record_id=row[0],
        resource_id=row[1],
        body=_decode(row[2]),
        known_as=row[3],
        time_zone=row[4],
    )


def _subject(row: Sequence[Any]) -> Subject:
    return row[0], row[1], row[2]


def _row(key: Key) -> dict[str, object]:
    return dict(zip(("kind", "authority", "value"), key, strict=True))


def _split(keys: Set[Key]) -> dict[str, list[str]]:
    ordered = sorted(keys)
    return {
        "kinds": [key[0] for key in ordered],
        "authorities": [key[1] for key in ordered],
        "values": [key[2] for key in ordered],
    }


def _run(
    connection: Connection, query: str, /, **values: object
) -> psycopg.Cursor[TupleRow]:
    return connection.execute(_statement(query), values or None)


def _run_many(
    connection: Connection, query: str, rows: Sequence[Mapping[str, Any]]
) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(_statement(query), rows)
        return cursor.rowcount


def _statement(name: str) -> sql.SQL:
    return sql.SQL(named(__package__, "queries.sql")[name])
