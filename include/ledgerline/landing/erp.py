"""Land the ERP: every page of its extract is a file, every row a record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Protocol

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.formats import rows
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.tryton import extract
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.landing import content, repository
from ledgerline.landing.report import LandingReport, Tally
from ledgerline.landing.stored import Batch, StoredFile

_FORMAT = "erp-ndjson"
_CHUNK_BYTES = 256 * 1024


class Page(Protocol):
    """One page of an extract: NDJSON rows of one resource type."""

    @property
    def name(self) -> str:
        """Name of the page: the resource type, a dash and a number."""

    @property
    def content(self) -> bytes:
        """The rows, one a line."""


def land_erp(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Extract the ERP whole and land it into raw_erp."""
    with TrytonClient(endpoint) as client:
        return land_pages(dsn, extract.pages(client))


def land_pages(dsn: str, pages: Iterable[Page]) -> LandingReport:
    """Land the pages of a complete extract; what they no longer hold has vanished."""
    tally = Tally()
    with repository.batch(dsn, "erp") as batch:
        for left in repository.unfinished_files(batch):
            content.land(batch, left, _reader_of(left.name), tally)
        for page in pages:
            _land_page(batch, page, tally)
        repository.note_vanished(batch)
        repository.analyze(batch)
    return tally.report("erp", batch.batch_id)


def _land_page(batch: Batch, page: Page, tally: Tally) -> None:
    digest = hashlib.sha256(page.content).digest(), len(page.content)
    reader = _reader_of(page.name)
    known = repository.find_file(batch, page.name, digest[0])
    if known is not None and not known.is_superseded:
        stored = StoredFile(file_id=known.file_id, name=page.name, format=_FORMAT)
        content.note_seen(batch, stored, reader)
        tally.add(repository.log_duplicate(batch, page.name, digest, known))
        return
    stored = repository.store_file(
        batch, page.name, _FORMAT, digest, _chunks(page.content)
    )
    content.land(batch, stored, reader, tally, is_whole=True)


def _reader_of(name: str) -> Reader:
    return partial(rows.read, name.rsplit("-", 1)[0])


def _chunks(text: bytes) -> Iterator[bytes]:
    for start in range(0, len(text), _CHUNK_BYTES):
        yield text[start : start + _CHUNK_BYTES]
