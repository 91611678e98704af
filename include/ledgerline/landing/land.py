"""Land a source: bytes first, then records, delivery by delivery, in one batch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors import ehr_folder, erp, x12_folder
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    ReadContent,
    Reader,
    RefusalClass,
)
from ledgerline.connectors.source import Delivery, FormatUnknown, Source, chunks
from ledgerline.landing import content, repository
from ledgerline.landing.report import LandingReport, Tally
from ledgerline.landing.stored import (
    Batch,
    FileChanged,
    KnownFile,
    SameBytes,
    StoredFile,
)

__all__ = ["land", "land_billing", "land_ehr", "land_erp"]

_HEAD_BYTES = 64 * 1024
_HELD_BYTES = 1024 * 1024
"""A file up to this size is read once and kept until its records have landed."""
_UNRECOGNISED = "unrecognised"
_ZONE = re.compile(r"[a-z][a-z0-9]{0,39}")


def land_ehr(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land a folder of FHIR NDJSON and Bundles into raw_ehr."""
    return land(dsn, ehr_folder.source(endpoint))


def land_billing(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land a folder of X12 837I, 837P and 835 into raw_billing."""
    return land(dsn, x12_folder.source(endpoint))


def land_erp(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land what changed in the ERP into raw_erp."""
    return land(dsn, erp.source(endpoint))


def land(dsn: str, source: Source) -> LandingReport:
    """Land everything that a source offers, in one batch, when it is its turn.

    Raises whatever the source raises when it cannot be reached; what was landed
    before stays, and the batch is closed as failed.
    """
    _refuse_name(source)
    tally = Tally()
    with repository.turn(dsn, source.zone, source.name) as turn:
        offered = source.deliveries(repository.SavedState(dsn, source.name))
        with repository.batch(turn) as batch:
            finished = _land_unfinished(batch, source, tally)
            for delivery in offered:
                _land_delivery(batch, source, delivery, tally, finished)
            if source.is_whole and not tally.refused_files:
                repository.note_vanished(batch, tally.refused_types)
            if tally.landed:
                repository.analyze(batch)
    return tally.report(source.name, batch.batch_id)


def _refuse_name(source: Source) -> None:
    zone, name = source.zone, source.name
    if not _ZONE.fullmatch(zone) or not f"{name}_".startswith(f"{zone}_"):
        raise ConfigurationInvalid(
            f"a source of zone {zone} cannot be named {name}: a zone has lower-case "
            "letters and digits, and a name is the zone, or the zone, _ and more"
        )


def _land_unfinished(batch: Batch, source: Source, tally: Tally) -> set[int]:
    """Land what a dead process left, before anything newer; return its files."""
    finished = set()
    for left in repository.unfinished_files(batch):
        try:
            reader = _reader(source, left.format)
        except FormatUnknown:
            continue
        if content.land(batch, left, reader, tally):
            finished.add(left.file_id)
    return finished


def _land_delivery(
    batch: Batch, source: Source, delivery: Delivery, tally: Tally, finished: set[int]
) -> None:
    try:
        with delivery.opened() as stream:
            _land_stream(batch, source, delivery, stream, tally, finished)
    except FileRefused as refused:
        content.quarantine_file(batch, delivery.name, refused, tally)


def _land_stream(
    batch: Batch,
    source: Source,
    delivery: Delivery,
    stream: BinaryIO,
    tally: Tally,
    finished: set[int],
) -> None:
    delivered, refused = _recognised(source, delivery, stream)
    if not delivered.format:
        tally.skipped.append(delivery.name)
        return
    held, digest = _read(stream)
    delivered = delivered.holding(held or SameBytes(stream, digest))
    known = repository.find_file(batch, delivered, digest[0])
    is_again = known and known.settles(delivery.expected_count)
    if known and is_again and not delivery.is_said_anew:
        if source.is_whole:
            _note_seen(batch, source, delivered, known, tally)
        if known.file_id not in finished:
            tally.add(repository.log_duplicate(batch, delivery.name, digest, known))
        finished.discard(known.file_id)
        return
    if known and known.can_be_landed:
        stored = delivered.stored_as(known.file_id)
    else:
        stored = _stored(batch, delivered, digest, stream)
    if refused:
        content.quarantine_file(batch, stored, refused, tally)
    else:
        reader = _reader(source, stored.format)
        content.land(batch, stored, reader, tally, is_whole=source.is_whole)


def _note_seen(
    batch: Batch, source: Source, delivered: StoredFile, known: KnownFile, tally: Tally
) -> None:
    """Note what a file shows that a whole extract offers as it did before."""
    if known.is_refused:
        tally.refused_files += 1
        return
    stored = delivered.stored_as(known.file_id)
    content.note_seen(batch, stored, _reader(source, known.format), tally)


def _stored(
    batch: Batch, delivered: StoredFile, digest: tuple[bytes, int], stream: BinaryIO
) -> StoredFile:
    stream.seek(0)
    held = delivered.held
    offered = held if isinstance(held, tuple) else chunks(stream)
    try:
        return repository.store_file(batch, delivered, digest, offered)
    except FileChanged as error:
        raise FileRefused(
            RefusalClass.FILE_INCOMPLETE,
            "the file changed while it was read; it is taken once it is complete",
        ) from error


def _recognised(
    source: Source, delivery: Delivery, stream: BinaryIO
) -> tuple[StoredFile, FileRefused | None]:
    format_name, refused = delivery.format, None
    if not format_name:
        try:
            format_name = source.recognise(delivery.name, _head(stream))
        except FileRefused as error:
            format_name, refused = _UNRECOGNISED, error
    delivered = StoredFile(
        file_id=0,
        name=delivery.name,
        format=format_name,
        expected_count=delivery.expected_count,
    )
    return delivered, refused


def _reader(source: Source, format_name: str) -> Reader:
    return _refuse_all if format_name == _UNRECOGNISED else source.reader(format_name)


def _refuse_all(_content: ReadContent) -> Iterator[Item]:
    raise FileRefused(RefusalClass.UNRECOGNISED_FORMAT, "the file has no known format")


def _head(stream: BinaryIO) -> bytes:
    head = b""
    for chunk in container.decode(chunks(stream)):
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    return head[:_HEAD_BYTES]


def _read(stream: BinaryIO) -> tuple[tuple[bytes, ...], tuple[bytes, int]]:
    """Return the bytes of a small stream, none of a larger one; its digest and size."""
    stream.seek(0)
    held: list[bytes] = []
    digest, size = hashlib.sha256(), 0
    for chunk in chunks(stream):
        digest.update(chunk)
        size += len(chunk)
        if size <= _HELD_BYTES:
            held.append(chunk)
        else:
            held.clear()
    return tuple(held), (digest.digest(), size)
