"""The nouns of landing: a batch, a stored file, an earlier file of its content."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerline.canonical.errors import Fatal
from ledgerline.store.engine import Connection


class WarehouseFull(Fatal):
    """The warehouse has no room left; nothing of the file was kept."""

    code = "WAREHOUSE_FULL"


class FileChanged(Exception):
    """The file's content changed while it was read; nothing of it was kept."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file whose bytes are in the warehouse."""

    file_id: int
    name: str
    format: str


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """An earlier file with the same content."""

    file_id: int
    status: str
    format: str
    received_count: int
    is_superseded: bool


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One landing of one source, on a connection that holds the source's lock."""

    connection: Connection
    source: str
    batch_id: int

    @property
    def schema(self) -> str:
        """The raw schema of the source."""
        return f"raw_{self.source}"
