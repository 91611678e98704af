"""What a format reader yields: records, deletions, and refusals with reason and place.

A reader never stops at a bad record: it yields a `Refusal` and goes on. Only a file
that cannot be read at all raises `FileRefused`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from ledgerline.canonical.errors import Rejected

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""A record longer than this is refused: no real resource or segment comes near."""


class RefusalClass(StrEnum):
    """Why bytes were refused. Stable words: people filter and report by them."""

    AMOUNT_INVALID = "AMOUNT_INVALID"
    AMOUNT_SCALE = "AMOUNT_SCALE"
    CHARSET = "CHARSET"
    CODE_INVALID = "CODE_INVALID"
    CONTAINER_CORRUPT = "CONTAINER_CORRUPT"
    CONTRACT_DRIFT = "CONTRACT_DRIFT"
    COUNT_MISMATCH = "COUNT_MISMATCH"
    DATE_INVALID = "DATE_INVALID"
    DUPLICATE_CONFLICT = "DUPLICATE_CONFLICT"
    ENCODING = "ENCODING"
    ENVELOPE_INVALID = "ENVELOPE_INVALID"
    FILE_INCOMPLETE = "FILE_INCOMPLETE"
    FILE_UNREADABLE = "FILE_UNREADABLE"
    FRAMING = "FRAMING"
    ID_MISSING = "ID_MISSING"
    JSON_AMBIGUOUS = "JSON_AMBIGUOUS"
    MERGE_CONFLICT = "MERGE_CONFLICT"
    NUMBER_INVALID = "NUMBER_INVALID"
    ORDER_WAIT = "ORDER_WAIT"
    PARSE = "PARSE"
    PATH_TRAVERSAL = "PATH_TRAVERSAL"
    REFERENCE_INVALID = "REFERENCE_INVALID"
    RESOURCE_LIMIT = "RESOURCE_LIMIT"
    SEGMENT_DELIM = "SEGMENT_DELIM"
    SEGMENT_INVALID = "SEGMENT_INVALID"
    SHAPE = "SHAPE"
    SSRF_BLOCKED = "SSRF_BLOCKED"
    TRUNCATED = "TRUNCATED"
    TRUNCATED_RECORD = "TRUNCATED_RECORD"
    UNBALANCED = "UNBALANCED"
    UNRECOGNISED_FORMAT = "UNRECOGNISED_FORMAT"
    UNSUPPORTED_CONTAINER = "UNSUPPORTED_CONTAINER"
    UNSUPPORTED_TRANSACTION = "UNSUPPORTED_TRANSACTION"
    XML_FORBIDDEN = "XML_FORBIDDEN"


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One record, with its place in the decoded content of its file.

    `body` is JSON text in UTF-8. `version_key` names a version of a resource that may
    exist with one content `version_sha256` only. `unit` is the ordinal of the part
    of the file that stands or falls as a whole, 0 where a record stands for itself.
    """

    resource_type: str
    resource_id: str
    content_sha256: bytes
    byte_offset: int
    byte_length: int
    body: bytes
    version_key: str = ""
    version_sha256: bytes = b""
    unit: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One refused record or part of a file; the message never holds a value of it.

    `withdraws` names the units (first, last) whose records, already yielded, fall
    with this refusal.
    """

    resource_type: str
    refusal_class: RefusalClass
    message: str
    byte_offset: int
    byte_length: int
    withdraws: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TransactionSet:
    """The end of a part whose records, all yielded before, belong together.

    `key` may exist with one content only: the same key with another
    `content_sha256` is a conflict, and the first one stands.
    """

    unit: int
    key: str
    resource_type: str
    content_sha256: bytes
    byte_offset: int
    byte_length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Tombstone:
    """The source says that it deleted this resource.

    One `is_outlived` after which its file shows the resource again.
    """

    resource_type: str
    resource_id: str
    byte_offset: int
    byte_length: int
    is_outlived: bool = False


Item = Record | Refusal | TransactionSet | Tombstone
ReadContent = Callable[[], Iterable[bytes]]
"""Opens the decoded content from its start, as often as it is called."""
Reader = Callable[[ReadContent], Iterator[Item]]


class RecordRefused(Rejected):
    """One record cannot be taken; the reader turns this into a `Refusal`."""

    code = "RECORD_REFUSED"

    def __init__(self, refusal_class: RefusalClass, message: str) -> None:
        """Keep the class beside the sentence."""
        super().__init__(message)
        self.refusal_class = refusal_class


class FileRefused(Rejected):
    """A whole file cannot be taken; nothing of it becomes a record."""

    code = "FILE_REFUSED"

    def __init__(self, refusal_class: RefusalClass, message: str) -> None:
        """Keep the class beside the sentence."""
        super().__init__(message)
        self.refusal_class = refusal_class


def identifier(entity: str, parts: Sequence[Any]) -> str:
    """Return the values of a row's key as one text, which no other key's can equal.

    Raises RecordRefused where one is missing or all are empty, and for one that is
    neither text nor a whole number: two of them might be written alike.
    """
    is_named = all(type(part) in {str, int} for part in parts)
    if not is_named or all(part == "" for part in parts):
        raise RecordRefused(RefusalClass.ID_MISSING, f"the {entity} row lacks its key")
    return joined(parts)


def joined(parts: Sequence[str | int]) -> str:
    """Return the parts of a key as one text; a bar within one is marked."""
    if len(parts) == 1:
        return str(parts[0])
    return "|".join(str(part).replace("|", "\\|") for part in parts)
