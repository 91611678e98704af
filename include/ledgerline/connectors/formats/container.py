"""Undo compression in a stream, within limits. Recognises by content, not by name."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from ledgerline.connectors.formats import archive
from ledgerline.connectors.formats.record import FileRefused, RefusalClass

_STEP = 1024 * 1024
_SNIFF = 512
_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"


class _Inflater(Protocol):
    """What gzip and bzip2 have in common, one member of a file at a time."""

    @property
    def is_finished(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def surplus(self) -> bytes: ...

    def inflate(self, data: bytes) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    @property
    def is_finished(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def surplus(self) -> bytes:
        return self._stream.unused_data

    def inflate(self, data: bytes) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, _STEP)


class _Bzip2:
    def __init__(self) -> None:
        self._stream = bz2.BZ2Decompressor()

    @property
    def is_finished(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return self._stream.needs_input

    @property
    def surplus(self) -> bytes:
        return self._stream.unused_data

    def inflate(self, data: bytes) -> bytes:
        return self._stream.decompress(data, _STEP)


def decode(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the decoded content of a plain, gzip or bzip2 file.

    Raises FileRefused for archives, compressed or not, for damaged or truncated
    compression and for a file that inflates beyond 100 times its size.
    """
    stream = iter(chunks)
    head = _head(stream)
    if head.startswith(_GZIP):
        yield from _no_archive(_inflated(head, stream, _Gzip))
    elif head.startswith(_BZIP2):
        yield from _no_archive(_inflated(head, stream, _Bzip2))
    else:
        yield from _no_archive(chain([head], stream))


def part_of(content: Iterable[bytes], start: int, length: int) -> bytes:
    """Return the bytes at a place, and read no further than to its end."""
    end, position, taken = start + length, 0, b""
    for chunk in content:
        taken += chunk[max(start - position, 0) : max(end - position, 0)]
        position += len(chunk)
        if position >= end:
            break
    return taken


def _no_archive(content: Iterator[bytes]) -> Iterator[bytes]:
    head = _head(content)
    if head.startswith((_GZIP, _BZIP2)):
        raise FileRefused(
            RefusalClass.UNSUPPORTED_CONTAINER,
            "the file is compressed twice; deliver it compressed once",
        )
    kind = archive.kind_of(head)
    if kind:
        raise archive.refusal(kind, head, content)
    if head:
        yield head
    yield from content


def _head(stream: Iterator[bytes]) -> bytes:
    head = b""
    for chunk in stream:
        head += chunk
        if len(head) >= _SNIFF:
            break
    return head


def _inflated(
    head: bytes, rest: Iterator[bytes], member: type[_Gzip] | type[_Bzip2]
) -> Iterator[bytes]:
    inflater: _Inflater = member()
    taken = len(head)
    given = 0
    data = head
    while True:
        if inflater.is_finished:
            data = inflater.surplus or next(rest, b"")
            taken += 0 if inflater.surplus else len(data)
            if not data.strip(b"\x00"):
                return
            inflater = member()
        out = _inflate(inflater, data)
        given += len(out)
        if archive.inflates_too_far(given, taken):
            raise archive.too_far()
        if out:
            yield out
        data = b""
        if len(out) < _STEP and inflater.needs_input and not inflater.is_finished:
            data = next(rest, b"")
            taken += len(data)
            if not data:
                raise FileRefused(
                    RefusalClass.CONTAINER_CORRUPT,
                    "the compressed file ends too early; deliver it again",
                )


def _inflate(inflater: _Inflater, data: bytes) -> bytes:
    try:
        return inflater.inflate(data)
    except (zlib.error, OSError, ValueError, EOFError) as error:
        raise archive.damaged() from error
