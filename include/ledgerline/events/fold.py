"""Fold what landed since the last fold: exactly the visits that it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.events import appointment, merge, repository, visit
from ledgerline.events.event import AHEAD, Event
from ledgerline.events.merge import Redirects
from ledgerline.events.references import park_dangling
from ledgerline.events.repository import Subject
from ledgerline.events.state import State
from ledgerline.events.workflow.emission import emit_completions, emit_landed
from ledgerline.landing.waiting import Reason, keep
from ledgerline.store.engine import Connection, connect

PATIENCE = timedelta(days=1)
"""How long a visit may wait for its admission before somebody is asked."""
_EVENTS_AT_ONCE = 5_000
_SUBJECTS_AT_ONCE = 2_000
_FOLDED = {"visit", "appointment"}
_ABOUT_NO_VISIT = {"A20", "A24", "A28", "A29", "A30", "A31", "A48", "A60"}


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
            _unite_facilities(connection)
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
        emit_landed(connection, "ehr")
        with connection.transaction():
            return _report(connection, tally, now)


def _subject(event: Event) -> Subject:
    """Return what an event is about."""
    if event.body.get("message_type") == "SIU":
        kind, number = "appointment", event.appointment_id
    elif merge.is_merge(event):
        kind, number = "merge", ""
    elif event.trigger in _ABOUT_NO_VISIT:
        kind, number = "person", ""
    else:
        kind, number = "visit", event.visit_number
    if not number and kind in {"visit", "appointment"}:
        kind = "unknown"
    return kind, event.facility, number


def _unite_facilities(connection: Connection) -> None:
    """Let one code stand for all codes that the crosswalk maps to one facility.

    What was read under a code that stands for others than before, or by the clocks of
    another time zone, is read again.
    """
    codes = repository.facility_codes(connection)
    smallest: dict[tuple[bool, str], str] = {}
    for code, (_, facility, _) in sorted(codes.items()):
        smallest.setdefault((bool(facility), facility or code), code)
    changed = {}
    for code, (before, facility, time_zone) in codes.items():
        sender = smallest[bool(facility), facility or code], time_zone
        if sender != before:
            changed[code] = sender
    if changed:
        outdated = {codes[code][0][0] for code in changed} - {""}
        forgotten = repository.reread_facilities(connection, changed, outdated)
        emit_completions(connection, forgotten)


def _recompute(
    connection: Connection, touched: set[Subject], tally: _Tally, now: datetime
) -> None:
    """Fold what was touched, and what merges redirect otherwise than before."""
    merges = repository.merges(connection)
    current = _redirects(connection, merges)
    touched = touched | _redirected(connection, merges, current)
    chosen = sorted({_left(s, current) for s in touched if s[0] in _FOLDED})
    retired = _retired(current)
    folded: set[Subject] = set()
    for start in range(0, len(chosen), _SUBJECTS_AT_ONCE):
        found = _events(connection, chosen[start : start + _SUBJECTS_AT_ONCE], retired)
        folded |= found.keys()
        tally.changed += repository.put(connection, _states(found, current), now)
    bookings = sum(kind == "appointment" for kind, _, _ in folded)
    tally.appointments += bookings
    tally.visits += len(folded) - bookings
    gone = {subject for subject in touched if subject[0] == "visit"} - folded
    tally.changed += repository.drop_visits(connection, gone)
    ended = {subject for subject in folded | touched if subject[0] == "visit"}
    emit_completions(connection, {(subject[1], subject[2]) for subject in ended})


def _redirects(connection: Connection, merges: Sequence[Event]) -> Redirects:
    needed = {key for event in merges for key in merge.needed(event)}
    return merge.resolve(merges, repository.known(connection, needed))


def _redirected(
    connection: Connection, merges: Sequence[Event], current: Redirects
) -> set[Subject]:
    """Keep where identifiers lead now; return what that changes."""
    before = repository.redirects(connection)
    after = current.survivors
    keys = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    repository.change_redirects(connection, after, keys)
    keys |= {before[key].key for key in keys & before.keys()}
    counted = repository.count_merges(connection, current.counted)
    told = [(e.record_id, *said) for e in merges for said in merge.subjects(e)]
    keys |= {key for record_id, key, _ in told if record_id in counted}
    size = -1
    while size < len(keys):
        size = len(keys)
        keys |= {after[key].key for key in keys & after.keys()}
        keys |= {key for key, survivor in after.items() if survivor.key in keys}
        keys |= {key for _, key, part in told if part.shown() & keys}
    visits = {key for key in keys if key[0] == "visit"}
    return repository.subjects_of(connection, keys) | visits


def _left(subject: Subject, current: Redirects) -> Subject:
    kind, facility, number = subject
    if kind == "visit":
        number = current.number("visit", facility, number)
    return kind, facility, number


def _retired(current: Redirects) -> dict[Subject, list[Subject]]:
    """Return by visit the visits that were merged into it."""
    found: dict[Subject, list[Subject]] = {}
    for key, survivor in current.survivors.items():
        if key[0] == "visit":
            found.setdefault(survivor.key, []).append(key)
    return found


def _events(
    connection: Connection,
    chosen: Sequence[Subject],
    retired: Mapping[Subject, Sequence[Subject]],
) -> dict[Subject, list[Event]]:
    """Return the events of each subject, with those of what was merged into it."""
    left = {subject: subject for subject in chosen}
    for subject in chosen:
        left |= dict.fromkeys(retired.get(subject, ()), subject)
    found: dict[Subject, list[Event]] = {}
    for subject, events in repository.events_of(connection, list(left)).items():
        found.setdefault(left[subject], []).extend(events)
    return found


def _states(
    found: Mapping[Subject, Sequence[Event]], current: Redirects
) -> Iterable[State]:
    for (kind, _, _), events in found.items():
        if kind == "appointment":
            yield appointment.fold(events, current)
        else:
            yield visit.fold(events, current)


def _report(connection: Connection, tally: _Tally, now: datetime) -> FoldReport:
    """Bring the fold's quarantine up to date, and return what the fold did."""
    merged = _redirects(connection, repository.merges(connection))
    conflicts = {found.record_id: found.message for found in merged.conflicts}
    waits = dict.fromkeys(
        repository.waiting(connection, now - PATIENCE),
        "the event is dated ahead, or its visit has waited a day for its admission",
    )
    nameless = dict.fromkeys(
        repository.unattributed(connection),
        "the event names neither visit nor account, or no appointment",
    )
    for refused, messages in (
        (RefusalClass.MERGE_CONFLICT, conflicts),
        (RefusalClass.ORDER_WAIT, waits),
        (RefusalClass.ID_MISSING, nameless),
    ):
        reason = Reason(
            zone="ehr",
            stage="fold",
            refusal_class=refused,
            patience=PATIENCE,
            since=now,
        )
        keep(connection, reason, messages)
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
