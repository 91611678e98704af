"""The nouns of landing: a turn, a batch, a stored file, a known file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from ledgerline.canonical.errors import Fatal
from ledgerline.connectors.source import CHUNK_BYTES
from ledgerline.landing.copy_binary import PAGE_BYTES
from ledgerline.store.engine import Connection

_IN_MEMORY = 1024 * 1024
_PAGES_AT_ONCE = 8


class WarehouseFull(Fatal):
    """There is no room left for a file; nothing of it was kept."""

    code = "WAREHOUSE_FULL"


class BytesDamaged(Fatal):
    """Bytes that were stored are not what they were; nothing is made of them."""

    code = "BYTES_DAMAGED"


class KeptBytes:
    """A file's bytes exactly as they came, read once: what is stored and what is read.

    More than a page is compressed. They lie in memory, or on disk without a name, until
    `close`; iterating yields them from the start, as often as wanted.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Read the chunks to their end."""
        self.size = 0
        self._digest = hashlib.sha256()
        self._held = SpooledTemporaryFile(_IN_MEMORY, prefix="ledgerline-")  # noqa: SIM115 (closed by close)
        try:
            self._keep(self._counted(chunks))
        except BaseException:
            self.close()
            raise

    @property
    def sha256(self) -> bytes:
        """The hash of the bytes."""
        return self._digest.digest()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes from the start."""
        pages = self.pages(_PAGES_AT_ONCE)
        return unpacked(pages) if self.is_packed else pages

    def pages(self, at_once: int = 1) -> Iterator[bytes]:
        """Yield what is to be stored, in pages or in several at once."""
        at = 0
        while True:
            self._held.seek(at)
            block = self._held.read(at_once * PAGE_BYTES)
            if not block:
                return
            yield block
            at += len(block)

    def close(self) -> None:
        """Let go of the bytes."""
        self._held.close()

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._digest.update(chunk)
            self.size += len(chunk)
            yield chunk

    def _keep(self, content: Iterator[bytes]) -> None:
        begin = b"".join(islice(content, 2))
        self.is_packed = len(begin) > PAGE_BYTES
        whole = chain([begin], content)
        for part in packed(whole) if self.is_packed else whole:
            try:
                self._held.write(part)
            except OSError as error:
                raise WarehouseFull(
                    "a file cannot be kept while it is landed "
                    f"({os.strerror(error.errno or 0)}); free the folder for temporary "
                    "files, or name another in TMPDIR, and run again"
                ) from error


class _Blocks:
    """Blocks of bytes as something that can be read.

    The decoder writes past its buffer when it gets more than it asked for.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._left = memoryview(b"")

    def read(self, size: int) -> bytes:
        if not self._left:
            self._left = memoryview(next(self._blocks, b""))
        given, self._left = self._left[:size], self._left[size:]
        return bytes(given)


def packed(content: Iterable[bytes]) -> Iterator[bytes]:
    """Compress a file's content (Zstandard, one frame)."""
    encoder = ZstdCompressor(level=1).compressobj()
    for chunk in content:
        yield encoder.compress(chunk)
    yield encoder.flush()


def unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Undo `packed`, in chunks of bounded size; raises BytesDamaged."""
    decoder = ZstdDecompressor()
    source = cast("IO[bytes]", _Blocks(blocks))  # nothing but `read` is called
    try:
        yield from decoder.read_to_iter(source, write_size=CHUNK_BYTES)
    except ZstdError as error:
        raise BytesDamaged(
            "stored bytes of a file cannot be unpacked; `ledgerline verify` names the "
            "file, restore the warehouse from its backup"
        ) from error


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file whose bytes are in the warehouse; `file_id` is 0 before they are.

    `held` are the same bytes at hand; without them they are read from the warehouse.
    An `is_staged` file's records are compared with everything that landed before any
    of them lands.
    """

    file_id: int
    name: str
    format: str
    expected_count: int | None = None
    held: KeptBytes | None = field(default=None, repr=False)
    is_staged: bool = False

    def stored_as(self, file_id: int) -> StoredFile:
        """Return the file with its number."""
        return replace(self, file_id=file_id)

    def holding(self, held: KeptBytes | None) -> StoredFile:
        """Return the file with its bytes at hand, or to be read from the warehouse."""
        return replace(self, held=held)

    def to_be_staged(self) -> StoredFile:
        """Return the file to be landed by way of the staging tables only."""
        return replace(self, is_staged=True)


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """An earlier file with the same content."""

    file_id: int
    status: str
    format: str
    received_count: int
    expected_count: int | None
    is_superseded: bool

    def settles(self, expected_count: int | None) -> bool:
        """Tell whether its content, offered again, is a duplicate.

        Not so when nothing was made of it yet, when its name has had other content
        since, or when it was refused and another count is expected now.
        """
        if self.status == "received" or self.is_superseded:
            return False
        return self.status != "quarantined" or self.expected_count == expected_count

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it could be taken."""
        return self.status == "quarantined"

    @property
    def can_be_landed(self) -> bool:
        """Whether its stored bytes may still become records."""
        return self.status != "landed" and not self.is_superseded


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A connection that holds the lock of one source."""

    connection: Connection
    zone: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One landing of one source, on a connection that holds the source's lock."""

    connection: Connection
    source: str
    zone: str
    batch_id: int

    @property
    def schema(self) -> str:
        """The raw schema of the source."""
        return f"raw_{self.zone}"
