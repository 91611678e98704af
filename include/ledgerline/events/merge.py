"""Who is merged into whom: identifiers redirected on read, facts stay in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from ledgerline.events.event import Event, Identifier, in_order

MERGING = {"A18", "A34", "A36", "A39", "A40", "A47"}
"""Triggers whose MRG names identifiers that are retired."""
UNLINKING = {"A37"}
"""Triggers that undo a merge between two patients."""
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A merge that moves nothing, and why."""

    record_id: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Redirects:
    """Where each retired identifier leads in the end."""

    survivors: Mapping[Key, Identifier] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

    def apply(self, identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
        """Return the identifiers with the survivor in place of each retired one."""
        found: dict[Key, Identifier] = {}
        for given in identifiers:
            survivor = self.survivors.get(given.key, given)
            found.setdefault(survivor.key, survivor)
        return tuple(found.values())


NONE = Redirects()


def is_merge(event: Event) -> bool:
    """Tell whether the event merges patients or undoes it."""
    return event.trigger in MERGING | UNLINKING


def pairs(event: Event) -> list[tuple[list[Identifier], list[Identifier]]]:
    """Return the surviving and the retired identifiers of each merge in the event."""
    body = event.body
    parts = [body, *body.get("further_merges", [])]
    return [
        (event.identifiers(part.get("patient")), event.identifiers(part.get("merge")))
        for part in parts
    ]


def resolve(merges: Iterable[Event], known: Set[Key]) -> Redirects:
    """Follow the merges in business order, whatever order they are given in.

    `known` are the identifiers that other events show. A merge into an unknown
    patient, around a circle, or of a patient who was merged elsewhere before is a
    conflict and moves nothing.
    """
    parents: dict[Key, Identifier] = {}
    conflicts = []
    for event in in_order(merges):
        if event.trigger in UNLINKING:
            _unlink(parents, event)
            continue
        edges = [edge for pair in pairs(event) for edge in _edges(*pair)]
        problem = _problem(parents, edges, known)
        if problem:
            conflicts.append(Conflict(record_id=event.record_id, message=problem))
        else:
            parents.update({retired.key: survivor for retired, survivor in edges})
    return Redirects(
        survivors={key: _root(parents, found) for key, found in parents.items()},
        conflicts=tuple(conflicts),
    )


def _edges(
    survivors: list[Identifier], retired: list[Identifier]
) -> list[tuple[Identifier, Identifier]]:
    """Pair each retired identifier with the survivor that is most like it."""
    shared = {found.key for found in survivors} & {found.key for found in retired}
    apart = [found for found in retired if found.key not in shared]
    return [
        (found, max(survivors, key=lambda other: _likeness(found, other)))
        for found in apart or retired
        if survivors
    ]


def _likeness(one: Identifier, other: Identifier) -> tuple[bool, bool]:
    return one.authority == other.authority, one.type == other.type


def _problem(
    parents: Mapping[Key, Identifier],
    edges: list[tuple[Identifier, Identifier]],
    known: Set[Key],
) -> str:
    if not edges:
        return "the merge names no surviving or no retired patient"
    after = dict(parents)
    for retired, survivor in edges:
        if survivor.key not in known:
            return "the surviving patient is in no other message"
        if retired.key in _way(after, survivor):
            return "the merge leads back to the patient it retires"
        before = after.get(retired.key)
        if before and _root(after, before).key != _root(after, survivor).key:
            return "the retired patient was merged into another one before"
        after[retired.key] = survivor
    return ""


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
    for first, second in pairs(event):
        for one, other in ((first, second), (second, first)):
            others = {found.key for found in other}
            for found in one:
                parent = parents.get(found.key)
                if parent and parent.key in others:
                    del parents[found.key]
