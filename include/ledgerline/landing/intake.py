"""Take one file's items: what is new goes straight to the raw zone, in blocks.

From the first block on that holds anything known, or parts that stand and fall
together, records are staged and merged at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledgerline.connectors.formats.record import (
    Item,
    Record,
    Refusal,
    RefusalClass,
    Tombstone,
    TransactionSet,
)
from ledgerline.landing import repository
from ledgerline.landing.copy_binary import record_rows, version_rows
from ledgerline.landing.copy_text import deletion_row, record_row, set_row
from ledgerline.landing.door import Door
from ledgerline.landing.quarantine import Quarantined, of_record
from ledgerline.landing.stored import Batch, StoredFile

_BLOCK_BYTES = 512 * 1024
_REFUSALS_HELD = 500
_DELETIONS_HELD = 5_000
_KEY_LENGTH = 500
"""Longer keys fit no index; no real identifier comes near."""


@dataclass(kw_only=True)
class Intake:
    """Sends one file's items to the warehouse in blocks, and counts them.

    `landed_at` is the time that the next record gets which lands straight, in
    microseconds since the year 2000; None stages everything.
    """

    batch: Batch
    file: StoredFile
    door: Door | None = None
    landed_at: int | None = None
    received: int = 0
    quarantined: int = 0
    deleted: int = 0
    landed: int = 0
    is_staging: bool = False
    by_type: Counter[str] = field(default_factory=Counter)
    by_class: Counter[str] = field(default_factory=Counter)
    refused_types: set[str] = field(default_factory=set)
    _records: list[Record] = field(default_factory=list)
    _sets: list[bytes] = field(default_factory=list)
    _deletions: list[bytes] = field(default_factory=list)
    _refused: list[Quarantined] = field(default_factory=list)

    def take_all(self, items: Iterable[Item]) -> None:
        """Take every item and send what is held in the end."""
        size = 0
        for item in items:
            if not isinstance(item, Record):
                self._take_other(item)
                continue
            self._records.append(item)
            size += item.byte_length
            if size >= _BLOCK_BYTES:
                self._send_records()
                size = 0
        self.flush()

    def _take_other(self, item: Item) -> None:
        if isinstance(item, TransactionSet):
            self.is_staging = True
            if len(item.key) <= _KEY_LENGTH:
                self._sets.append(set_row(item))
        elif isinstance(item, Tombstone):
            self._take_deletion(item)
        elif isinstance(item, Refusal):
            if item.withdraws:
                self.withdraw(*item.withdraws)
            self.refuse(of_record(item, self.file.name))

    def _take_deletion(self, item: Tombstone) -> None:
        if len(item.resource_id) > _KEY_LENGTH:
            self.refuse(of_record(_too_long(item), self.file.name))
            return
        if not item.is_outlived:
            self._deletions.append(deletion_row(item))
        self.received += 1
        self.deleted += 1
        if len(self._deletions) >= _DELETIONS_HELD:
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
            self._send_records()
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

    def _send_records(self) -> None:
        records, self._records = self._admitted(self._records), []
        self.received += len(records)
        if self.landed_at is not None and not self.is_staging and self._is_new(records):
            self._land_straight(records, self.landed_at)
            self.landed_at += len(records)
            return
        self.is_staging = True
        rows = b"".join(map(record_row, records))
        repository.copy_rows(self.batch, "copy_records", rows)

    def _admitted(self, records: list[Record]) -> list[Record]:
        """Refuse what is too long for an index or breaks its contract."""
        door = self.door
        if door and not door.checks({record.resource_type for record in records}):
            door = None
        if not door and not _holds_too_long(records):
            return records
        admitted = []
        for record in records:
            refusal = None
            if is_too_long(record):
                refusal = _too_long(record)
            elif door:
                refusal = door.breach(record)
            if refusal:
                self.refuse(of_record(refusal, self.file.name))
            else:
                admitted.append(record)
        return admitted

    def _is_new(self, records: list[Record]) -> bool:
        """Tell whether every record stands for itself and none was landed before."""
        if any(record.unit for record in records):
            return False
        versions = [record.version_key for record in records if record.version_key]
        if len(set(versions)) < len(versions):
            return False
        by_type: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_type[record.resource_type].append(record)
        return not (
            any(self._holds_known(alike) for alike in by_type.values())
            or (versions and repository.knows_a_version(self.batch, versions))
        )

    def _holds_known(self, alike: list[Record]) -> bool:
        contents = {(record.resource_id, record.content_sha256) for record in alike}
        return len(contents) < len(alike) or repository.knows_a_record(
            self.batch, alike
        )

    def _land_straight(self, records: list[Record], landed_at: int) -> None:
        file_id, batch_id = self.file.file_id, self.batch.batch_id
        rows = record_rows(records, file_id, batch_id, landed_at)
        self.landed += repository.copy_rows(self.batch, "copy_new_records", rows)
        versioned = [record for record in records if record.version_key]
        if versioned:
            rows = version_rows(versioned, file_id)
            repository.copy_rows(self.batch, "copy_new_versions", rows)
        self.by_type.update(record.resource_type for record in records)


def _holds_too_long(records: list[Record]) -> bool:
    keys = [(len(record.resource_id), len(record.version_key)) for record in records]
    return max(map(max, keys)) > _KEY_LENGTH


def is_too_long(record: Record) -> bool:
    """Tell whether an identifier of the record fits no index."""
    return max(len(record.resource_id), len(record.version_key)) > _KEY_LENGTH


def _too_long(record: Record | Tombstone) -> Refusal:
    return Refusal(
        resource_type=record.resource_type,
        refusal_class=RefusalClass.RESOURCE_LIMIT,
        message=f"the identifier is longer than {_KEY_LENGTH} characters",
        byte_offset=record.byte_offset,
        byte_length=record.byte_length,
    )
