"""Land a source: bytes first, then records, delivery by delivery, in one batch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from os import SEEK_END
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
from ledgerline.landing.stored import Batch, KeptBytes, KnownFile, StoredFile

__all__ = ["land", "land_billing", "land_ehr", "land_erp"]

_HEAD_BYTES = 64 * 1024
_UNRECOGNISED = "unrecognised"
_ZONE = re.compile(r"[a-z][a-z0-9]{0,39}")


def land_ehr(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land a folder of FHIR NDJSON and Bundles into raw_ehr."""
    return land(dsn, ehr_folder.source(endpoint))


def land_billing(dsn: str, endpoint: Endpoint) -> LandingReport:
    """Land a folder of X12 claims, remittances and acknowledgements."""
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
    with closing(_kept(stream)) as kept:
        delivered = delivered.holding(kept)
        known = repository.find_file(batch, delivered, kept.sha256)
        is_again = known and known.settles(delivery.expected_count)
        if known and is_again and not delivery.is_said_anew:
            if source.is_whole:
                _note_seen(batch, source, delivered, known, tally)
            if known.file_id not in finished:
                name = delivery.name
                tally.add(repository.log_duplicate(batch, name, kept, known))
            finished.discard(known.file_id)
            return
        if known and known.can_be_landed:
            stored = delivered.stored_as(known.file_id)
        else:
            stored = repository.store_file(batch, delivered, kept)
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


def _kept(stream: BinaryIO) -> KeptBytes:
    stream.seek(0)
    kept = KeptBytes(chunks(stream))
    if stream.seek(0, SEEK_END) != kept.size:
        kept.close()
        raise FileRefused(
            RefusalClass.FILE_INCOMPLETE,
            "the file changed while it was read; it is taken once it is complete",
        )
    return kept
