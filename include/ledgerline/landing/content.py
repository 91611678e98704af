"""Turn the stored bytes of one file into records, quarantine rows and counts.

Everything about one file happens in one transaction: either it is finished, or it is
still `received` and the next landing does it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    Reader,
    Record,
    Refusal,
    RefusalClass,
)
from ledgerline.landing import repository
from ledgerline.landing.door import Door
from ledgerline.landing.intake import Intake, is_too_long
from ledgerline.landing.quarantine import Quarantined, of_file, of_record
from ledgerline.landing.report import Counts, Tally
from ledgerline.landing.stored import Batch, StoredFile


def land(
    of: Batch, file: StoredFile, reader: Reader, tally: Tally, *, is_whole: bool = False
) -> bool:
    """Land the records of a stored file in one transaction and add to the tally.

    `is_whole` notes every resource as seen, for sources that are extracted whole.
    False when another process has landed the file meanwhile; nothing is done then.
    """
    try:
        return _land_or_stage(of, file, reader, tally, is_whole=is_whole)
    except FileRefused as refused:
        quarantine_file(of, file, refused, tally)
    return True


def quarantine_file(
    of: Batch, file: StoredFile | str, refused: FileRefused, tally: Tally
) -> None:
    """Quarantine a whole file, stored or not; it counts as one."""
    stored = file if isinstance(file, StoredFile) else None
    name = file.name if isinstance(file, StoredFile) else file
    counts = Counts(received=1, quarantined=1)
    with of.connection.transaction():
        file_id = stored.file_id if stored else None
        repository.quarantine(of, file_id, [of_file(refused, name)])
        repository.finish_file(of, file_id, "quarantined", counts)
    tally.add(counts)
    tally.refused_files += 1
    tally.by_class[refused.refusal_class.value] += 1


def note_seen(of: Batch, file: StoredFile, reader: Reader, tally: Tally) -> None:
    """Note the resources of a file that is the same as before as seen.

    What had vanished meanwhile is back. Types of which it holds something that was
    refused are added to the tally.
    """
    with of.connection.transaction():
        repository.clear_staging(of)
        intake = Intake(batch=of, file=file)
        items = _items(of, file, reader)
        intake.take_all(_taken_before(items, tally))
        repository.note_seen(of, 0)
        repository.note_returns(of)


def _taken_before(items: Iterable[Item], tally: Tally) -> Iterator[Record]:
    for item in items:
        if isinstance(item, Record) and not is_too_long(item):
            yield item
        elif isinstance(item, Record | Refusal):
            tally.refused_types.add(item.resource_type)


def _land_or_stage(
    of: Batch, file: StoredFile, reader: Reader, tally: Tally, *, is_whole: bool
) -> bool:
    try:
        return _land_once(of, file, reader, tally, is_whole=is_whole)
    except repository.LandedMeanwhile:  # by another source of the same zone
        staged = file.to_be_staged()
        return _land_once(of, staged, reader, tally, is_whole=is_whole)


def _land_once(
    of: Batch, file: StoredFile, reader: Reader, tally: Tally, *, is_whole: bool
) -> bool:
    with repository.refusing_values(), of.connection.transaction():
        claimed_at = repository.claim(of, file)
        if claimed_at is None:
            return False
        door = Door(of.zone)
        intake = Intake(
            batch=of,
            file=file,
            door=door,
            landed_at=None if file.is_staged else claimed_at,
        )
        intake.take_all(_items(of, file, reader))
        door.close(of.connection, of.source, file.name)
        _refuse_other_count(file, intake.received)
        _finish(of, file, intake, tally, is_whole=is_whole)
    return True


def _finish(
    of: Batch, file: StoredFile, intake: Intake, tally: Tally, *, is_whole: bool
) -> None:
    if intake.is_staging:
        _refuse_conflicts(of, file, intake)
    if is_whole:
        repository.note_seen(of, file.file_id)
    staged, merged = (
        repository.merge_records(of, file.file_id) if intake.is_staging else (0, {})
    )
    deleted = repository.merge_deletions(of, file.file_id) if intake.deleted else {}
    new = sum(merged.values()) + sum(deleted.values())
    counts = Counts(
        received=intake.received,
        landed=intake.landed + new,
        quarantined=intake.quarantined,
        duplicate=staged + intake.deleted - new,
    )
    repository.finish_file(of, file.file_id, "landed", counts)
    tally.add(counts)
    tally.by_type.update(intake.by_type)
    tally.by_type.update(merged)
    tally.by_type.update({f"{kind} deleted": n for kind, n in deleted.items()})
    tally.by_class.update(intake.by_class)
    tally.refused_types |= intake.refused_types


def _refuse_other_count(file: StoredFile, received: int) -> None:
    if file.expected_count not in {None, received}:
        raise FileRefused(
            RefusalClass.COUNT_MISMATCH,
            f"the sender states {file.expected_count} records and {received} came; "
            "fetch the file again or ask the sender",
        )


def _items(of: Batch, file: StoredFile, reader: Reader) -> Iterator[Item]:
    def content() -> Iterator[bytes]:
        if file.held is not None:
            return container.decode(file.held)
        stored = repository.original_bytes(of.connection, of.schema, file.file_id)
        return container.decode(stored)

    return reader(content)


def _refuse_conflicts(of: Batch, file: StoredFile, intake: Intake) -> None:
    conflicts = repository.conflicting_sets(of, file.file_id)
    for unit, resource_type, offset, length in conflicts:
        intake.withdraw(unit, unit)
        intake.refuse(_conflict(file, resource_type, offset, length))
    versions = repository.take_conflicting_versions(of, file.file_id)
    intake.received -= len(versions)
    for resource_type, offset, length in versions:
        intake.refuse(_conflict(file, resource_type, offset, length))
    intake.flush()


def _conflict(
    file: StoredFile, resource_type: str, offset: int, length: int
) -> Quarantined:
    return of_record(
        Refusal(
            resource_type=resource_type,
            refusal_class=RefusalClass.DUPLICATE_CONFLICT,
            message="the same key came before with other content; the first one "
            "stands, ask the sender which is right",
            byte_offset=offset,
            byte_length=length,
        ),
        file.name,
    )
