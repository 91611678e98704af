"""What is merged into what: numbers redirected on read, facts stay in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from ledgerline.events.event import Event, Identifier, Json, Key, Kind, in_order

_RETIRING: Mapping[Kind, Set[str]] = {
    "patient": {"A18", "A34", "A36", "A39", "A40", "A43", "A46", "A47"},
    "account": {"A35", "A36", "A41", "A44", "A49"},
    "visit": {"A42", "A45", "A50"},
}
"""Triggers whose MRG names what is retired: in favor of PID-3, PID-18 or PV1-19."""
_NUMBERING = {"A46", "A47", "A49", "A50"}
"""They give a new number, which no other message needs to show."""
_MOVING = {"A43", "A44", "A45"}
"""They give to another patient or account what may keep its number."""
_TELLING = {"A17", "A44", "A45"}
"""They say of visits where, whose or on which account they are from now on."""
_UNLINKING = {"A37"}
"""Triggers that undo a merge between two patients."""
_JOINING = "A42"
TRIGGERS = _TELLING | _UNLINKING | set().union(*_RETIRING.values())
Edge = tuple[Identifier, Identifier]


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A merge that moves nothing, and why."""

    record_id: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Redirects:
    """Where each retired identifier leads in the end, and what is told of visits.

    `distances` says how many merges lie between a retired visit and the one that is
    left; `counted` are the records of the merges that are no conflict.
    """

    survivors: Mapping[Key, Identifier] = field(default_factory=dict)
    distances: Mapping[Key, int] = field(default_factory=dict)
    told: Mapping[Key, Sequence[Event]] = field(default_factory=dict)
    counted: Set[int] = frozenset()
    conflicts: tuple[Conflict, ...] = ()

    def apply(self, identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
        """Return the identifiers with the survivor in place of each retired one."""
        found: dict[Key, Identifier] = {}
        for given in identifiers:
            survivor = self.survivors.get(given.key, given)
            found.setdefault(survivor.key, survivor)
        return tuple(found.values())

    def number(self, kind: Kind, facility: str, number: str) -> str:
        """Return the account or visit number that is left in the end."""
        survivor = self.survivors.get((kind, facility, number))
        return survivor.value if survivor else number

    def about(self, kind: Kind, facility: str, number: str) -> Sequence[Event]:
        """Return what is told of an account or a visit by messages about several."""
        return self.told.get((kind, facility, self.number(kind, facility, number)), ())

    def distance(self, event: Event) -> int:
        """Return how many merges lie between the visit of an event and what is left."""
        return self.distances.get(("visit", event.facility, event.visit_number), 0)


NONE = Redirects()


def is_merge(event: Event) -> bool:
    """Tell whether the event merges, moves or swaps, or undoes it."""
    return event.trigger in TRIGGERS


def edges(event: Event) -> list[Edge]:
    """Return each identifier that the event retires, with the one that survives it."""
    found = []
    for part in event.parts():
        for kind, triggers in _RETIRING.items():
            if event.trigger in triggers:
                found += _edges(*_sides(part, kind), moves=event.trigger in _MOVING)
    return found


def needed(event: Event) -> set[Key]:
    """Return the keys that another message must show before the event counts."""
    if event.trigger in _NUMBERING | _UNLINKING | {"A17"}:
        return set()
    if event.trigger in _MOVING:
        people = [part.patient_identifiers for part in event.parts()]
        return {found.key for named in people for found in named}
    return {survivor.key for _, survivor in edges(event)}


def subjects(event: Event) -> list[tuple[Key, Event]]:
    """Return the visits or accounts that the event tells of, each with what it says."""
    if event.trigger not in _TELLING:
        return []
    kind: Kind = "account" if event.trigger == "A44" else "visit"
    found = []
    for part in event.parts():
        surviving, retired = _sides(part, kind)
        named = [one.value for one in surviving or retired]
        number = named[0] if named else part.visit_number
        found.append(((kind, part.facility, number), part))
    return [(key, part) for key, part in found if key[2]]


def resolve(merges: Iterable[Event], known: Set[Key]) -> Redirects:
    """Follow the merges in business order, whatever order they are given in.

    `known` are the identifiers that other events show. A merge into what is unknown,
    around a circle, or of what was merged elsewhere before is a conflict and moves
    nothing.
    """
    parents: dict[Key, Identifier] = {}
    joined: set[Key] = set()
    counted, conflicts = [], []
    for event in in_order(merges):
        if event.trigger in _UNLINKING:
            _unlink(parents, event)
            continue
        found = edges(event)
        problem = _problem(parents, event, found, known)
        if problem:
            conflicts.append(Conflict(record_id=event.record_id, message=problem))
            continue
        counted.append(event)
        parents.update({retired.key: survivor for retired, survivor in found})
        if event.trigger == _JOINING:
            joined |= {retired.key for retired, _ in found}
    return Redirects(
        survivors={key: _root(parents, found) for key, found in parents.items()},
        distances={
            key: len(joined.intersection({key, *_way(parents, found)}))
            for key, found in parents.items()
        },
        told=_told(parents, counted),
        counted={event.record_id for event in counted},
        conflicts=tuple(conflicts),
    )


def _sides(part: Event, kind: Kind) -> tuple[list[Identifier], list[Identifier]]:
    """Return what survives and what is retired in one part of a message."""
    surviving: Json | None = part.body.get("visit" if kind == "visit" else "patient")
    return part.named(kind, surviving), part.named(kind, part.body.get("merge"))


def _edges(
    survivors: list[Identifier], retired: list[Identifier], *, moves: bool
) -> list[Edge]:
    """Pair each retired identifier with the survivor that is most like it."""
    shared = {found.key for found in survivors} & {found.key for found in retired}
    apart = [found for found in retired if found.key not in shared]
    return [
        (found, max(survivors, key=lambda other: _likeness(found, other)))
        for found in (apart if moves else apart or retired)
        if survivors
    ]


def _likeness(one: Identifier, other: Identifier) -> tuple[bool, bool]:
    return one.authority == other.authority, one.type == other.type


def _problem(
    parents: Mapping[Key, Identifier],
    event: Event,
    found: list[Edge],
    known: Set[Key],
) -> str:
    if not found and not subjects(event) and event.trigger != "A43":
        return "the merge names nothing that survives or nothing that is retired"
    if not needed(event) <= known:
        return "what survives the merge is in no other message"
    after = dict(parents)
    for retired, survivor in found:
        if retired.key in _way(after, survivor):
            return "the merge leads back to what it retires"
        before = after.get(retired.key)
        if before and _root(after, before).key != _root(after, survivor).key:
            return "what it retires was merged into something else before"
        after[retired.key] = survivor
    return ""


def _told(
    parents: Mapping[Key, Identifier], counted: list[Event]
) -> dict[Key, list[Event]]:
    """Return what is told of each visit and account, under the number that is left."""
    found: dict[Key, list[Event]] = {}
    for event in counted:
        for key, part in subjects(event):
            left = _root(parents, parents[key]).key if key in parents else key
            found.setdefault(left, []).append(part)
    return found


def _way(parents: Mapping[Key, Identifier], start: Identifier) -> list[Key]:
    """Return the identifiers from one to where it leads, both included."""
    found = [start.key]
    while found[-1] in parents:
        found.append(parents[found[-1]].key)
    return found


def _root(parents: Mapping[Key, Identifier], start: Identifier) -> Identifier:
    found = start
    while found.key in parents:
        found = parents[found.key]
    return found


def _unlink(parents: dict[Key, Identifier], event: Event) -> None:
    """Undo the merges between the two patients of an event."""
    first, second = _sides(event, "patient")
    for one, other in ((first, second), (second, first)):
        others = {found.key for found in other}
        for found in one:
            parent = parents.get(found.key)
            if parent and parent.key in others:
                del parents[found.key]
