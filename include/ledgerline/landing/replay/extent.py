"""Parts of a file: what a quarantined row covers, and what a reader found there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledgerline.connectors.formats.record import (
    Item,
    ReadContent,
    Reader,
    Record,
    Tombstone,
)


@dataclass(frozen=True, kw_only=True, order=True)
class Extent:
    """Bytes of the decoded content; `length` 0 from 0 on stands for the whole file."""

    offset: int
    length: int

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole file."""
        return self.offset == self.length == 0

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + max(self.length, 1)

    def meets(self, other: Extent) -> bool:
        """Tell whether both share a byte."""
        if self.is_whole or other.is_whole:
            return True
        return self.offset < other.end and other.offset < self.end

    def holds(self, other: Extent) -> bool:
        """Tell whether the other lies within this one."""
        if self.is_whole or other.is_whole:
            return self.is_whole
        return self.offset <= other.offset and other.end <= self.end


class Window:
    """Lets through what lies in some extents of a file, and remembers what it was."""

    def __init__(self, extents: Iterable[Extent]) -> None:
        """Open the window on these extents."""
        self._extents = sorted(extents)
        self._starts = [each.offset for each in self._extents]
        self._reach = list(_running_ends(self._extents))
        self.is_whole = any(each.is_whole for each in self._extents)
        self.found: list[Extent] = []

    def over(self, reader: Reader) -> Reader:
        """Return the reader, narrowed to the window."""

        def narrowed(content: ReadContent) -> Iterator[Item]:
            for item in reader(content):
                place = Extent(offset=item.byte_offset, length=item.byte_length)
                if self._shows(place):
                    if isinstance(item, Record | Tombstone) and not self.is_whole:
                        self.found.append(place)
                    yield item

        return reader if self.is_whole else narrowed

    def _shows(self, place: Extent) -> bool:
        before = bisect_right(self._starts, place.end - 1)
        return before > 0 and self._reach[before - 1] > place.offset


def _running_ends(extents: Iterable[Extent]) -> Iterator[int]:
    furthest = 0
    for each in extents:
        furthest = max(furthest, each.end)
        yield furthest
