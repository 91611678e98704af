"""Land a source: bytes first, then records, file by file, in one batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import folder
from ledgerline.connectors.formats import container, fhir, x12
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    ReadContent,
    Reader,
    RefusalClass,
)
from ledgerline.landing import content, repository
from ledgerline.landing.erp import land_erp
from ledgerline.landing.report import LandingReport, Tally
from ledgerline.landing.stored import Batch, FileChanged, StoredFile

__all__ = ["land_billing", "land_ehr", "land_erp", "reader_of"]

_HEAD_BYTES = 64 * 1024
_UNRECOGNISED = "unrecognised"
_X12 = "x12"
Recognise = Callable[[str, bytes], str]


@dataclass(frozen=True, kw_only=True)
class _Source:
    """How one source tells its formats; an empty format means: holds no records."""

    name: str
    recognise: Recognise


def land_ehr(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land a folder of FHIR NDJSON and Bundles into raw_ehr."""
    return _land_folder(dsn, endpoint, _Source(name="ehr", recognise=_fhir_format))


def land_billing(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land a folder of X12 837I, 837P and 835 into raw_billing."""
    return _land_folder(
        dsn, endpoint, _Source(name="billing", recognise=lambda _name, _head: _X12)
    )


def _fhir_format(name: str, head: bytes) -> str:
    kind = fhir.recognise(name, head)
    return "" if kind is fhir.Kind.NONE else kind.value


def reader_of(format_name: str) -> Reader:
    """Return the reader of a stored file's format."""
    if format_name == _X12:
        return x12.read
    if format_name == _UNRECOGNISED:
        return _refuse_all
    return partial(fhir.read, fhir.Kind(format_name))


def _refuse_all(_content: ReadContent) -> Iterator[Item]:
    raise FileRefused(RefusalClass.UNRECOGNISED_FORMAT, "the file has no known format")


def _land_folder(dsn: str, endpoint: Endpoint, source: _Source) -> LandingReport:
    found = folder.files(endpoint)
    tally = Tally()
    with repository.batch(dsn, source.name) as batch:
        for file in found:
            try:
                with folder.opened(file) as stream:
                    _land_file(batch, source, file.name, stream, tally)
            except FileRefused as refused:
                content.quarantine_file(batch, file.name, refused, tally)
        for left in repository.unfinished_files(batch):
            content.land(batch, left, reader_of(left.format), tally)
        repository.analyze(batch)
    return tally.report(source.name, batch.batch_id)


def _land_file(
    batch: Batch, source: _Source, name: str, stream: BinaryIO, tally: Tally
) -> None:
    format_name, refused = _recognised(source, name, stream)
    if not format_name:
        tally.skipped.append(name)
        return
    digest = _digest(stream)
    known = repository.find_file(batch, name, digest[0])
    if known and known.status != "received" and not known.is_superseded:
        tally.add(repository.log_duplicate(batch, name, digest, known))
        return
    if known and known.status == "received":
        stored = StoredFile(file_id=known.file_id, name=name, format=known.format)
    else:
        stream.seek(0)
        stored = _stored(batch, name, format_name, digest, stream)
    if refused:
        content.quarantine_file(batch, stored, refused, tally)
    else:
        content.land(batch, stored, reader_of(stored.format), tally)


def _stored(
    batch: Batch,
    name: str,
    format_name: str,
    digest: tuple[bytes, int],
    stream: BinaryIO,
) -> StoredFile:
    try:
        return repository.store_file(
            batch, name, format_name, digest, folder.chunks(stream)
        )
    except FileChanged as error:
        raise FileRefused(
            RefusalClass.FILE_INCOMPLETE,
            "the file changed while it was read; it is taken once it is complete",
        ) from error


def _recognised(
    source: _Source, name: str, stream: BinaryIO
) -> tuple[str, FileRefused | None]:
    try:
        return source.recognise(name, _head(stream)), None
    except FileRefused as refused:
        return _UNRECOGNISED, refused


def _head(stream: BinaryIO) -> bytes:
    head = b""
    for chunk in container.decode(folder.chunks(stream)):
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    return head[:_HEAD_BYTES]


def _digest(stream: BinaryIO) -> tuple[bytes, int]:
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    for chunk in folder.chunks(stream):
        digest.update(chunk)
        size += len(chunk)
    return digest.digest(), size
