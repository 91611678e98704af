"""Rows for the staging tables, as COPY text."""

from __future__ import annotations

from ledgerline.connectors.formats.record import Record, Tombstone, TransactionSet

_NULL = b"\\N"
_SPECIAL = ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r"))


def record_row(record: Record) -> bytes:
    """Return one row for the staging table of records, as COPY text."""
    has_version = bool(record.version_key)
    return b"\t".join(
        (
            b"%d" % record.unit,
            _escaped(record.resource_type.encode()),
            _escaped(record.resource_id.encode()),
            _hex(record.content_sha256),
            b"%d" % record.byte_offset,
            b"%d" % record.byte_length,
            _escaped(record.version_key.encode()) if has_version else _NULL,
            _hex(record.version_sha256) if has_version else _NULL,
            _escaped(record.body) + b"\n",
        )
    )


def set_row(part: TransactionSet) -> bytes:
    """Return one row for the staging table of transaction sets, as COPY text."""
    return b"\t".join(
        (
            b"%d" % part.unit,
            _escaped(part.key.encode()),
            _hex(part.content_sha256),
            _escaped(part.resource_type.encode()),
            b"%d" % part.byte_offset,
            b"%d\n" % part.byte_length,
        )
    )


def deletion_row(item: Tombstone) -> bytes:
    """Return one row for the staging table of deletions, as COPY text."""
    return b"\t".join(
        (
            _escaped(item.resource_type.encode()),
            _escaped(item.resource_id.encode()),
            b"%d" % item.byte_offset,
            b"%d\n" % item.byte_length,
        )
    )


def _hex(digest: bytes) -> bytes:
    return b"\\\\x" + digest.hex().encode()


def _escaped(text: bytes) -> bytes:
    for plain, escape in _SPECIAL:
        if plain in text:
            text = text.replace(plain, escape)
    return text
