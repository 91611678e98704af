"""MLLP frames: 0x0b, a message, 0x1c 0x0d; found in whatever pieces arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledgerline.connectors.formats.record import MAX_RECORD_BYTES

START = b"\x0b"
END = b"\x1c"
_BETWEEN = b"\r\n"
_RESTART = re.compile(rb"\x0bMSH(?=[!-/:-@\[-^`{-~])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One message as it was received.

    Of an oversize message `content` holds the first bytes only, one more than the
    decoder's limit; `length` counts them all.
    """

    content: bytes
    length: int
    is_oversize: bool = False


def framed(content: bytes) -> bytes:
    """Return a message in its frame."""
    return b"".join((START, content, END, b"\r"))


class FrameDecoder:
    """Cuts a stream of bytes into messages; how the stream was cut makes no difference.

    0x1c always ends a message, with or without the 0x0d after it. Bytes between
    messages are skipped and counted. A message that starts again before it ended was
    never complete: its first part is counted as cut and dropped, because nobody
    acknowledged it.
    """

    def __init__(self, limit: int = MAX_RECORD_BYTES) -> None:
        """Keep at most `limit` + 1 bytes of a message."""
        self.skipped_bytes = 0
        self.cut_messages = 0
        self.is_inside = False
        self._kept = limit + 1
        self._parts: list[bytes] = []
        self._buffered = 0
        self._length = 0

    @property
    def buffered_bytes(self) -> int:
        """How many bytes of an unfinished message are held."""
        return self._buffered

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes of the stream; return the messages that ended in them."""
        frames: list[Frame] = []
        position, size = 0, len(data)
        while position < size:
            if not self.is_inside:
                position = self._skip(data, position)
                continue
            end = data.find(END, position)
            self._take(data[position:] if end < 0 else data[position:end])
            if end < 0:
                break
            position = end + 1
            if (frame := self._finish()) is not None:
                frames.append(frame)
        return frames

    def _skip(self, data: bytes, position: int) -> int:
        start = data.find(START, position)
        between = data[position:] if start < 0 else data[position:start]
        self.skipped_bytes += len(between.translate(None, _BETWEEN))
        self.is_inside = start >= 0
        return len(data) if start < 0 else start + 1

    def _take(self, part: bytes) -> None:
        self._length += len(part)
        room = self._kept - self._buffered
        if room > 0:
            self._parts.append(part[:room])
            self._buffered += len(self._parts[-1])

    def _finish(self) -> Frame | None:
        content, length = b"".join(self._parts), self._length
        self._parts, self._buffered, self._length = [], 0, 0
        self.is_inside = False
        restarts = list(_RESTART.finditer(content))
        if restarts:
            cut = restarts[-1].start() + 1
            self.cut_messages += len(restarts)
            content, length = content[cut:], length - cut
        if not length:
            return None
        over = length >= self._kept or length > len(content)
        return Frame(content=content, length=length, is_oversize=over)
