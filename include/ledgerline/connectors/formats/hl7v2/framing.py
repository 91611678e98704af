"""Cut a stream into messages: MLLP frames, batches, or one message after another.

A message begins at MSH at the start of a line or of a frame and ends where the next
one, a batch segment or the frame's end is. Memory is bounded by one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    RefusalClass,
)

START, END = b"\x0b", b"\x1c"
_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANKS = b" \t\r\n\x1a"
_LINE_ENDS = b"\r\n"
_NAMES = (b"MSH", b"FHS", b"BHS", b"BTS", b"FTS")
_OVERLAP = 3


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One message or batch segment with its place, or bytes that are neither.

    `fault` says why there is nothing to read; `data` is empty then.
    """

    offset: int
    length: int
    data: bytes
    fault: RefusalClass | None = None


class Framing:
    """Cuts the content of one file; `is_marked` when it begins with a UTF-8 mark."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self.is_marked = False
        self._is_start = True
        self._offset = 0
        self._rest = b""
        self._skipped = 0
        self._frame: Piece | None = None

    def pieces(self, content: Iterable[bytes]) -> Iterator[Piece]:
        """Yield the pieces of the content in order.

        Raises FileRefused for text in UTF-16.
        """
        for chunk in content:
            block = self._rest + chunk
            if self._is_start:
                if len(block) <= len(_MARK):
                    self._rest = block
                    continue
                block = self._begin(block)
            yield from self._cut(block, max(0, len(block) - len(chunk) - _OVERLAP))
        if self._is_start:
            self._rest = self._begin(self._rest)
        yield from self._part(self._rest, is_last=True)
        if self._frame is not None:
            yield self._unended(self._frame)

    def _begin(self, block: bytes) -> bytes:
        self._is_start = False
        if block.startswith(_WIDE_MARKS):
            raise FileRefused(
                RefusalClass.ENCODING,
                "the file is in UTF-16; deliver it in UTF-8 or as MSH-18 says",
            )
        if block.startswith(_MARK):
            self.is_marked = True
            self._offset = len(_MARK)
            return block[len(_MARK) :]
        return block

    def _cut(self, block: bytes, seen: int) -> Iterator[Piece]:
        """Yield what is complete in a block; the last part waits for its end."""
        begin = 0
        for start in _starts(block, seen):
            if start > begin:
                yield from self._part(block[begin:start])
                begin = start
        self._rest = block[begin:]
        if len(self._rest) > MAX_RECORD_BYTES:
            kept = len(self._rest) - _OVERLAP
            self._skipped += kept
            self._rest = self._rest[kept:]

    def _part(self, part: bytes, *, is_last: bool = False) -> Iterator[Piece]:
        """Yield what one part, from one start to the next, holds."""
        offset, length = self._offset, self._skipped + len(part)
        self._offset += length
        if self._skipped:
            self._skipped = 0
            yield self._oversized(offset, length)
        elif self._frame is not None or part.startswith(START):
            yield from self._framed(offset, part)
        else:
            yield from _loose(offset, part)

    def _oversized(self, offset: int, length: int) -> Piece:
        frame, self._frame = self._frame, None
        if frame is not None:
            offset, length = frame.offset, frame.length + length
        return Piece(offset, length, b"", RefusalClass.RESOURCE_LIMIT)

    def _framed(self, offset: int, part: bytes) -> Iterator[Piece]:
        """Collect the parts of an MLLP frame until its end."""
        frame = self._frame
        if frame is not None and part.startswith(START):
            yield self._unended(frame)
            frame = None
        if frame is None:
            frame = Piece(offset, 0, b"")
        data = frame.data + part
        self._frame = Piece(frame.offset, len(data), data)
        if END in part:
            self._frame = None
            yield from _loose(frame.offset + 1, data[1:])
        elif len(data) > MAX_RECORD_BYTES:
            self._frame = None
            yield Piece(frame.offset, len(data), b"", RefusalClass.RESOURCE_LIMIT)

    def _unended(self, frame: Piece) -> Piece:
        self._frame = None
        return Piece(frame.offset, frame.length, b"", RefusalClass.TRUNCATED)


def _loose(offset: int, part: bytes) -> Iterator[Piece]:
    """Yield the message or batch segment in a part, and what follows a frame's end."""
    after = b""
    if END in part:
        part, _, after = part.partition(END)
    text = part.strip(_BLANKS)
    if text:
        lead = len(part) - len(part.lstrip(_BLANKS))
        is_known = text.startswith(_NAMES)
        fault = None if is_known else RefusalClass.FRAMING
        yield Piece(offset + lead, len(text), text if is_known else b"", fault)
    elif after:
        yield Piece(offset, len(part), b"", RefusalClass.FRAMING)
    stray = after.strip(_BLANKS + END)
    if stray:
        at = offset + len(part) + 1 + after.index(stray)
        yield Piece(at, len(stray), b"", RefusalClass.FRAMING)


def _starts(block: bytes, seen: int) -> list[int]:
    """Return where frames, messages and batch segments begin, from `seen` on."""
    found = []
    for name in _NAMES:
        at = block.find(name, seen)
        while at >= 0:
            if at == 0 or block[at - 1] in _LINE_ENDS:
                found.append(at)
            at = block.find(name, at + 3)
    at = block.find(START, seen)
    while at >= 0:
        found.append(at)
        at = block.find(START, at + 1)
    return sorted(found)
