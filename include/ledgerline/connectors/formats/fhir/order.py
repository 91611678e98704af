"""Put the entries of Bundles in the order in which what they say came to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from ledgerline.connectors.formats.fhir.bundle import Element
from ledgerline.connectors.formats.fhir.entry import entry_of, is_deletion

_HISTORY = b"history"


class _Said(msgspec.Struct, frozen=True, gc=False):
    """One entry of a resource: where it lies, and which version it is."""

    offset: int
    changed_at: datetime | None
    version: int | None


def outlived(
    entries: Callable[[], Iterable[Element]], types: list[bytes]
) -> set[int] | None:
    """Return the offsets of entries after which more is said of their resource.

    None when file order is all there is: no history, and nothing deleted. In a history
    the newest version stands, by meta.lastUpdated, else by its number, else by its
    place, which is first; elsewhere what the file says last. `types` are those of
    the Bundles, in order.
    """
    is_history = _HISTORY in types
    if not is_history and not any(map(is_deletion, entries())):
        return None
    standing: dict[tuple[str, str], _Said] = {}
    found: set[int] = set()
    for element in entries():
        entry = entry_of(element)
        key = entry.key
        if key is None:
            continue
        said = _Said(element.offset, entry.changed_at, entry.version)
        known = standing.get(key)
        if known is None or _is_newer(said, known, is_history=is_history):
            standing[key] = said
            found |= {known.offset} if known else set()
        else:
            found.add(said.offset)
    return found


def in_order(
    entries: Callable[[], Iterable[Element]], before: set[int] | None
) -> Iterator[Element]:
    """Yield what was outlived before what stands, so that the latter comes last."""
    if before is None:
        yield from entries()
        return
    for is_outlived in (True, False):
        for element in entries():
            if (element.offset in before) == is_outlived:
                yield element


def _is_newer(one: _Said, other: _Said, *, is_history: bool) -> bool:
    """Tell whether an entry says something newer than one that lies before it."""
    if not is_history:
        return True
    if one.changed_at and other.changed_at and one.changed_at != other.changed_at:
        return one.changed_at > other.changed_at
    if one.version is not None and other.version is not None:
        return one.version > other.version
    return False
