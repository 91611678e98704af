"""The nouns of landing: a turn, a batch, a stored file, a known file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from ledgerline.canonical.errors import Fatal
from ledgerline.connectors.source import chunks
from ledgerline.store.engine import Connection


class WarehouseFull(Fatal):
    """The warehouse has no room left; nothing of the file was kept."""

    code = "WAREHOUSE_FULL"


class FileChanged(Exception):
    """The file's content changed while it was read; nothing of it was kept."""


class SameBytes:
    """A file's bytes, read from its source again; proven when they are those stored."""

    def __init__(self, stream: BinaryIO, digest: tuple[bytes, int]) -> None:
        """Keep the stream, and the sha256 and size of what is stored."""
        self._stream = stream
        self._digest = digest
        self._unproven = 0

    @property
    def are_proven(self) -> bool:
        """Whether every pass came to its end and met the digest."""
        return self._unproven == 0

    def __iter__(self) -> Iterator[bytes]:
        """Read from the start."""
        self._unproven += 1
        self._stream.seek(0)
        digest, size = hashlib.sha256(), 0
        for chunk in chunks(self._stream):
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        if (digest.digest(), size) == self._digest:
            self._unproven -= 1


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file whose bytes are in the warehouse; `file_id` is 0 before they are.

    `held` are the same bytes at hand: in memory where the file is small, else at the
    source. An `is_staged` file's records are compared with everything that landed
    before any of them lands.
    """

    file_id: int
    name: str
    format: str
    expected_count: int | None = None
    held: tuple[bytes, ...] | SameBytes | None = field(default=None, repr=False)
    is_staged: bool = False

    def stored_as(self, file_id: int) -> StoredFile:
        """Return the file with its number."""
        return replace(self, file_id=file_id)

    @property
    def is_doubtful(self) -> bool:
        """Whether what was read at the source may not be what is stored."""
        return isinstance(self.held, SameBytes) and not self.held.are_proven

    def holding(self, held: tuple[bytes, ...] | SameBytes | None) -> StoredFile:
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
