"""Cut stored X12 into parts that together are the file, byte for byte.

A part is a transaction set, from its ST to the end of its SE, or what lies between two
of them: envelopes, line ends, what is no X12 at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import ReadContent
from ledgerline.connectors.formats.x12.frame import (
    OPENERS,
    SET,
    Frame,
    bare_frames,
    key_of,
)
from ledgerline.connectors.formats.x12.segments.segment import Block
from ledgerline.connectors.formats.x12.segments.splitter import blocks


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part lies; `key` names a transaction set, and is empty between them."""

    key: str
    byte_offset: int
    byte_length: int


def parts(content: ReadContent) -> Iterator[Part]:
    """Yield every part in order; raises FileRefused when the file is not X12."""
    cutter = _Cutter()
    for block in blocks(cutter.counted(content())):
        yield from cutter.cut(block)
    yield from cutter.until(cutter.size)


def written_back(content: ReadContent, key: str) -> bytes:
    """Return the bytes of the first transaction set of a key; none without one."""
    for part in parts(content):
        if part.key == key:
            return bytes_at(content, part.byte_offset, part.byte_length)
    return b""


def bytes_at(content: ReadContent, byte_offset: int, byte_length: int) -> bytes:
    """Return what a locator of this content points at."""
    return container.part_of(content(), byte_offset, byte_length)


class _Cutter:
    """Knows where the part at hand begins, and the envelopes that name it."""

    def __init__(self) -> None:
        self.size = 0
        self._start = 0
        self._key = ""
        self._frames: list[Frame] = []

    def counted(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the content, and count its bytes."""
        for chunk in content:
            self.size += len(chunk)
            yield chunk

    def cut(self, block: Block) -> Iterator[Part]:
        """Yield the parts that end in this block."""
        index = block.next_envelope(0)
        while index < len(block.texts):
            tag = block.segment(index).tag
            if tag != "SE":
                yield from self.until(block.start(index))
                self._key = self._opened(block, index) if tag in OPENERS else ""
            elif self._key:
                yield from self.until(block.ends[index])
                self._key = ""
            index = block.next_envelope(index + 1)

    def until(self, end: int) -> Iterator[Part]:
        """Yield the part at hand, which ends here, unless it is empty."""
        start, self._start = self._start, end
        if end > start:
            yield Part(key=self._key, byte_offset=start, byte_length=end - start)

    def _opened(self, block: Block, index: int) -> str:
        """Return the key of a transaction set that begins; empty for an envelope."""
        frame = Frame(header=block.segment(index), first_unit=0)
        if frame.level == SET and not self._frames:
            self._frames = bare_frames(block, index)
        self._frames[frame.level :] = [frame]
        return key_of(self._frames) if frame.level == SET else ""
