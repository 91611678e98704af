"""Split a stream into lines with their offsets, without holding the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    Refusal,
    RefusalClass,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


_BLANKS = b" \t\r"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line without its end; `text` is None when it is longer than the cap."""

    offset: int
    length: int
    text: bytes | None
    is_complete: bool


def too_long(line: Line) -> Refusal:
    """Return the refusal of a line that is longer than the cap."""
    return Refusal(
        resource_type="unknown",
        refusal_class=RefusalClass.RESOURCE_LIMIT,
        message=f"the line is longer than {MAX_RECORD_BYTES} bytes",
        byte_offset=line.offset,
        byte_length=line.length,
    )


def lines(content: Iterable[bytes], cap: int = MAX_RECORD_BYTES) -> Iterator[Line]:
    """Yield the lines that are not blank; the last may lack its line end."""
    stream = iter(content)
    rest, offset = _first(stream)
    skipped = 0
    for chunk in chain([b""], stream):
        block = rest + chunk
        *whole, rest = block.split(b"\n")
        for text in whole:
            line = _line(text, offset, skipped, cap, is_complete=True)
            if line is not None:
                yield line
            offset += skipped + len(text) + 1
            skipped = 0
        if len(rest) > cap:
            skipped += len(rest)
            rest = b""
    last = _line(rest, offset, skipped, cap, is_complete=False)
    if last is not None:
        yield last


def _first(stream: Iterator[bytes]) -> tuple[bytes, int]:
    """Return the first bytes without the byte order mark, and where they lie."""
    first = b""
    for chunk in stream:
        first += chunk
        if len(first) >= len(BYTE_ORDER_MARK):
            break
    plain = first.removeprefix(BYTE_ORDER_MARK)
    return plain, len(first) - len(plain)


def _line(
    text: bytes, offset: int, skipped: int, cap: int, *, is_complete: bool
) -> Line | None:
    length = skipped + len(text)
    if skipped or length > cap:
        return Line(offset=offset, length=length, text=None, is_complete=is_complete)
    stripped = text.strip(_BLANKS)
    if stripped.startswith(BYTE_ORDER_MARK):  # of a file put behind another
        stripped = stripped[len(BYTE_ORDER_MARK) :].lstrip(_BLANKS)
    if len(stripped) != length:
        offset += text.find(stripped)
    if not stripped:
        return None
    return Line(
        offset=offset, length=len(stripped), text=stripped, is_complete=is_complete
    )
