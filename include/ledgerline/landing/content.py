"""Turn the stored bytes of one file into records, quarantine rows and counts.

Everything about one file happens in one transaction: either it is finished, or it is
still `received` and the next landing does it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    Reader,
    Record,
    Refusal,
    RefusalClass,
    Tombstone,
    TransactionSet,
)
from ledgerline.landing import repository
from ledgerline.landing.copy_text import deletion_row, record_row, set_row
from ledgerline.landing.door import Door
from ledgerline.landing.quarantine import Quarantined, of_file, of_record
from ledgerline.landing.report import Counts, Tally
from ledgerline.landing.stored import Batch, StoredFile

_BLOCK_BYTES = 1024 * 1024
_REFUSALS_HELD = 500
_DELETIONS_HELD = 5_000
_KEY_LENGTH = 500
"""Longer keys fit no index; no real identifier comes near."""


@dataclass(kw_only=True)
class _Staging:
    """Sends one file's items to the warehouse in blocks, and counts them."""

    batch: Batch
    file: StoredFile
    door: Door | None = None
    received: int = 0
    quarantined: int = 0
    by_class: Counter[str] = field(default_factory=Counter)
    refused_types: set[str] = field(default_factory=set)
    _records: list[bytes] = field(default_factory=list)
    _size: int = 0
    _sets: list[bytes] = field(default_factory=list)
    _deletions: list[bytes] = field(default_factory=list)
    deleted: int = 0
    _refused: list[Quarantined] = field(default_factory=list)

    def take(self, item: Item) -> None:
        """Stage one item."""
        if isinstance(item, Record):
            self._take_record(item)
        elif isinstance(item, TransactionSet):
            if len(item.key) <= _KEY_LENGTH:
                self._sets.append(set_row(item))
        elif isinstance(item, Tombstone):
            self._take_deletion(item)
        else:
            if item.withdraws:
                self.withdraw(*item.withdraws)
            self.refuse(of_record(item, self.file.name))

    def _take_deletion(self, item: Tombstone) -> None:
        if len(item.resource_id) > _KEY_LENGTH:
            self.refuse(of_record(_too_long(item), self.file.name))
            return
        self._deletions.append(deletion_row(item))
        self.received += 1
        self.deleted += 1
        if len(self._deletions) >= _DELETIONS_HELD:
            self.flush()

    def _take_record(self, record: Record) -> None:
        if max(len(record.resource_id), len(record.version_key)) > _KEY_LENGTH:
            self.refuse(of_record(_too_long(record), self.file.name))
            return
        if self.door and (refusal := self.door.breach(record)):
            self.refuse(of_record(refusal, self.file.name))
            return
        row = record_row(record)
        self._records.append(row)
        self._size += len(row)
        self.received += 1
        if self._size >= _BLOCK_BYTES:
            self.flush()

    def refuse(self, row: Quarantined) -> None:
        """Count and keep one quarantine row."""
        self.received += 1
        self.quarantined += 1
        self.by_class[row.refusal_class.value] += 1
        self.refused_types.add(row.resource_type)
        self._refused.append(row)
        if len(self._refused) >= _REFUSALS_HELD:
            self.flush()

    def withdraw(self, first: int, last: int) -> None:
        """Take back the records of the units; they count no longer."""
        self.flush()
        self.received -= repository.withdraw(self.batch, first, last)

    def flush(self) -> None:
        """Send what is held."""
        if self._records:
            block = b"".join(self._records)
            repository.copy_rows(self.batch, "copy_records", block)
            self._records, self._size = [], 0
        if self._sets:
            repository.copy_rows(self.batch, "copy_sets", b"".join(self._sets))
            self._sets = []
        if self._deletions:
            rows = b"".join(self._deletions)
            repository.copy_rows(self.batch, "copy_deletions", rows)
            self._deletions = []
        if self._refused:
            repository.quarantine(self.batch, self.file.file_id, self._refused)
            self._refused = []


def land(
    of: Batch, file: StoredFile, reader: Reader, tally: Tally, *, is_whole: bool = False
) -> bool:
    """Land the records of a stored file in one transaction and add to the tally.

    `is_whole` notes every resource as seen, for sources that are extracted whole.
    False when another process has landed the file meanwhile; nothing is done then.
    """
    try:
        with repository.refusing_values(), of.connection.transaction():
            if not repository.claim(of, file):
                return False
            _land(of, file, reader, tally, is_whole=is_whole)
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


def note_seen(of: Batch, file: StoredFile, reader: Reader) -> None:
    """Note the resources of a file that is the same as before as seen."""
    with of.connection.transaction():
        repository.clear_staging(of)
        staging = _Staging(batch=of, file=file)
        for item in _items(of, file, reader):
            if isinstance(item, Record):
                staging.take(item)
        staging.flush()
        repository.note_seen(of)


def _land(
    of: Batch, file: StoredFile, reader: Reader, tally: Tally, *, is_whole: bool
) -> None:
    repository.clear_staging(of)
    door = Door(of.zone)
    staging = _Staging(batch=of, file=file, door=door)
    for item in _items(of, file, reader):
        staging.take(item)
    door.close(of.connection, of.source, file.name)
    _refuse_other_count(file, staging.received)
    staging.flush()
    _refuse_conflicts(of, file, staging)
    staging.flush()
    if is_whole:
        repository.note_seen(of)
    staged, by_type = repository.merge_records(of, file.file_id)
    deleted = repository.merge_deletions(of, file.file_id) if staging.deleted else {}
    landed = sum(by_type.values()) + sum(deleted.values())
    counts = Counts(
        received=staging.received,
        landed=landed,
        quarantined=staging.quarantined,
        duplicate=staged + staging.deleted - landed,
    )
    repository.finish_file(of, file.file_id, "landed", counts)
    tally.add(counts)
    tally.by_type.update(by_type)
    tally.by_type.update({f"{kind} deleted": n for kind, n in deleted.items()})
    tally.by_class.update(staging.by_class)
    tally.refused_types |= staging.refused_types


def _refuse_other_count(file: StoredFile, received: int) -> None:
    if file.expected_count not in {None, received}:
        raise FileRefused(
            RefusalClass.COUNT_MISMATCH,
            f"the sender states {file.expected_count} records and {received} came; "
            "fetch the file again or ask the sender",
        )


def _items(of: Batch, file: StoredFile, reader: Reader) -> Iterator[Item]:
    def content() -> Iterator[bytes]:
        stored = repository.original_bytes(of.connection, of.schema, file.file_id)
        return container.decode(stored)

    return reader(content)


def _refuse_conflicts(of: Batch, file: StoredFile, staging: _Staging) -> None:
    conflicts = repository.conflicting_sets(of, file.file_id)
    for unit, resource_type, offset, length in conflicts:
        staging.withdraw(unit, unit)
        staging.refuse(_conflict(file, resource_type, offset, length))
    versions = repository.take_conflicting_versions(of, file.file_id)
    staging.received -= len(versions)
    for resource_type, offset, length in versions:
        staging.refuse(_conflict(file, resource_type, offset, length))


def _too_long(record: Record | Tombstone) -> Refusal:
    return Refusal(
        resource_type=record.resource_type,
        refusal_class=RefusalClass.RESOURCE_LIMIT,
        message=f"the identifier is longer than {_KEY_LENGTH} characters",
        byte_offset=record.byte_offset,
        byte_length=record.byte_length,
    )


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
