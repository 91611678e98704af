"""Fold what landed since the last fold: exactly the visits that it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.events import appointment, merge, repository, visit
from ledgerline.events.event import Event
from ledgerline.events.merge import Redirects
from ledgerline.events.references import park_dangling
from ledgerline.events.repository import Subject
from ledgerline.events.state import State
from ledgerline.store.engine import Connection, connect

AHEAD = timedelta(minutes=5)
"""How far ahead of our clock an event may be; one beyond waits for its time."""
PATIENCE = timedelta(days=1)
"""How long a visit may wait for its admission before somebody is asked."""
_EVENTS_AT_ONCE = 5_000
_SUBJECTS_AT_ONCE = 2_000
_ABOUT_PERSONS = {"A24", "A28", "A29", "A30", "A31", "A37", "A60"} | merge.MERGING
_NO_VISIT = {"A20"} | {"A35", "A41", "A42", "A43", "A44", "A45", "A46", "A49"}


@dataclass(frozen=True, kw_only=True)
class FoldReport:
    """What one fold read and changed."""

    events: int
    visits: int
    appointments: int
    changed: int
    waiting: int
    conflicts: int
    unattributed: int
    dangling: int


@dataclass(kw_only=True)
class _Tally:
    events: int = 0
    visits: int = 0
    appointments: int = 0
    changed: int = 0


def _utc_now() -> datetime:
    return datetime.now(UTC)


def fold_visits(dsn: str, *, clock: Callable[[], datetime] = _utc_now) -> FoldReport:
    """Fold the events that landed since the last fold, and those now due.

    Safe to repeat and to kill: each step is one transaction, and what no step has
    read is read by the next fold.
    """
    tally = _Tally()
    with connect(dsn) as connection:
        repository.take_turn(connection)
        now = clock()
        with connection.transaction():
            due = repository.release_due(connection, now + AHEAD)
            _recompute(connection, due, tally, now)
        read = 0
        while True:
            with connection.transaction():
                events = repository.unfolded(connection, _EVENTS_AT_ONCE, read)
                if not events:
                    break
                read = events[-1].record_id
                tally.events += len(events)
                about = [(event, _subject(event)) for event in events]
                repository.register(connection, about, now + AHEAD)
                _recompute(connection, {found for _, found in about}, tally, now)
        with connection.transaction():
            return _report(connection, tally, now)


def _subject(event: Event) -> Subject:
    """Return what an event is about."""
    if event.body.get("message_type") == "SIU":
        kind, number = "appointment", event.appointment_id
    elif merge.is_merge(event):
        kind, number = "merge", ""
    elif event.trigger in _ABOUT_PERSONS | _NO_VISIT:
        kind, number = "person", ""
    else:
        kind, number = "visit", event.visit_number
    if not number and kind in {"visit", "appointment"}:
        kind = "unknown"
    return kind, event.facility, number


def _recompute(
    connection: Connection, touched: set[Subject], tally: _Tally, now: datetime
) -> None:
    """Fold what was touched, and what merges redirect otherwise than before."""
    current = _redirects(connection)
    before = repository.redirects(connection)
    changed = {
        key
        for key in before.keys() | current.survivors.keys()
        if before.get(key) != current.survivors.get(key)
    }
    if changed:
        touched = touched | repository.change_redirects(
            connection, current.survivors, changed
        )
    subjects = sorted(s for s in touched if s[0] in {"visit", "appointment"})
    for start in range(0, len(subjects), _SUBJECTS_AT_ONCE):
        chosen = subjects[start : start + _SUBJECTS_AT_ONCE]
        states = _states(connection, chosen, current)
        tally.changed += repository.put(connection, states, now)
        bookings = sum(subject[0] == "appointment" for subject in chosen)
        tally.appointments += bookings
        tally.visits += len(chosen) - bookings


def _states(
    connection: Connection, subjects: Sequence[Subject], current: Redirects
) -> Iterable[State]:
    found = repository.events_of(connection, subjects)
    for (kind, _, _), events in found.items():
        folded: State
        if kind == "appointment":
            folded = appointment.fold(events, current)
        else:
            folded = visit.fold(events, current)
        yield folded


def _redirects(connection: Connection) -> Redirects:
    merges = repository.merges(connection)
    survivors = {
        found.key
        for event in merges
        for surviving, _ in merge.pairs(event)
        for found in surviving
    }
    return merge.resolve(merges, repository.known(connection, survivors))


def _report(connection: Connection, tally: _Tally, now: datetime) -> FoldReport:
    """Bring the fold's quarantine up to date, and return what the fold did."""
    conflicts = {c.record_id: c.message for c in _redirects(connection).conflicts}
    waits = dict.fromkeys(
        repository.waiting(connection, now - PATIENCE),
        "the event is dated ahead, or its visit has waited a day for its admission",
    )
    nameless = dict.fromkeys(
        repository.unattributed(connection),
        "the event names neither visit nor account, or no appointment",
    )
    repository.refuse(connection, RefusalClass.MERGE_CONFLICT, conflicts)
    repository.refuse(connection, RefusalClass.ORDER_WAIT, waits)
    repository.refuse(connection, RefusalClass.ID_MISSING, nameless)
    return FoldReport(
        events=tally.events,
        visits=tally.visits,
        appointments=tally.appointments,
        changed=tally.changed,
        waiting=len(waits),
        conflicts=len(conflicts),
        unattributed=len(nameless),
        dangling=park_dangling(connection, now),
    )
