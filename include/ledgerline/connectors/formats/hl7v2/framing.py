"""Cut a stream into messages: MLLP frames, batches, or one message after another.

A message begins at MSH at the start of a line or of a frame and ends where the next
one, a batch segment or the frame's end is. Memory is bounded by one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

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
_BATCHES = (b"FHS", b"BHS")
_ALIKE = bytes.maketrans(b"FH", b"BT")
"""Makes BTS of each batch segment's name: one search finds all four."""
_END_BYTE = END[0]
"""As a number a byte is found some ten times faster."""
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

    def _part(self, part: bytes, *, is_last: bool = False) -> list[Piece]:
        """Return what one part, from one start to the next, holds."""
        offset, length = self._offset, self._skipped + len(part)
        self._offset += length
        if self._skipped:
            self._skipped = 0
            return [self._oversized(offset, length)]
        if self._frame is not None or part.startswith(START):
            return self._framed(offset, part)
        return _loose(offset, part)

    def _oversized(self, offset: int, length: int) -> Piece:
        frame, self._frame = self._frame, None
        if frame is not None:
            offset, length = frame.offset, frame.length + length
        return Piece(offset, length, b"", RefusalClass.RESOURCE_LIMIT)

    def _framed(self, offset: int, part: bytes) -> list[Piece]:
        """Collect the parts of an MLLP frame until its end."""
        frame, pieces = self._frame, []
        if frame is not None and part.startswith(START):
            pieces.append(self._unended(frame))
            frame = None
        if frame is None:
            frame = Piece(offset, 0, b"")
        data = frame.data + part
        self._frame = Piece(frame.offset, len(data), data)
        if _END_BYTE in part:
            self._frame = None
            pieces += _unframed(frame.offset + 1, data[1:])
        elif len(data) > MAX_RECORD_BYTES:
            self._frame = None
            limit = RefusalClass.RESOURCE_LIMIT
            pieces.append(Piece(frame.offset, len(data), b"", limit))
        return pieces

    def _unended(self, frame: Piece) -> Piece:
        self._frame = None
        return Piece(frame.offset, frame.length, b"", RefusalClass.TRUNCATED)


def _unframed(offset: int, part: bytes) -> list[Piece]:
    """Return the message of a frame, or what a batch in it holds, each for itself."""
    if not part.lstrip(_BLANKS).startswith(_BATCHES):
        return _loose(offset, part)
    starts = [at for at in _starts(part, 0) if at]
    pieces: list[Piece] = []
    for begin, end in pairwise([0, *starts, len(part)]):
        pieces += _loose(offset + begin, part[begin:end])
    return pieces


def _loose(offset: int, part: bytes) -> list[Piece]:
    """Return the message or batch segment in a part, and what follows a frame's end."""
    after, pieces = b"", []
    if _END_BYTE in part:
        part, _, after = part.partition(END)
    begun = part.lstrip(_BLANKS)
    text = begun.rstrip(_BLANKS).removesuffix(_MARK).rstrip(_BLANKS)
    if text:
        at = offset + len(part) - len(begun)
        if text.startswith(_NAMES):
            pieces.append(Piece(at, len(text), text))
        else:
            pieces.append(Piece(at, len(text), b"", RefusalClass.FRAMING))
    elif after:
        pieces.append(Piece(offset, len(part), b"", RefusalClass.FRAMING))
    stray = after.strip(_BLANKS + END)
    if stray:
        at = offset + len(part) + 1 + after.index(stray)
        pieces.append(Piece(at, len(stray), b"", RefusalClass.FRAMING))
    return pieces


def _starts(block: bytes, seen: int) -> list[int]:
    """Return where frames, messages and batch segments begin, from `seen` on."""
    found = []
    for name, text in ((b"MSH", block), (b"BTS", block.translate(_ALIKE))):
        at = text.find(name, seen)
        while at >= 0:
            is_first = at == 0 or block[at - 1] in _LINE_ENDS or _is_marked(block, at)
            if is_first and block.startswith(_NAMES, at):
                found.append(at)
            at = text.find(name, at + 3)
    at = block.find(START, seen)
    while at >= 0:
        found.append(at)
        at = block.find(START, at + 1)
    return sorted(found)


def _is_marked(block: bytes, at: int) -> bool:
    """Tell whether a line begins with the mark of a file that was put behind."""
    before = at - len(_MARK)
    return (
        before > 0
        and block.startswith(_MARK, before)
        and block[before - 1] in _LINE_ENDS
    )
