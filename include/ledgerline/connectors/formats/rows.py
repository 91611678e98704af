"""Read NDJSON rows of a business system: one row a line, with an id or a known key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from ledgerline.connectors.formats import strict_json
from ledgerline.connectors.formats.lines import Line, lines
from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    Item,
    ReadContent,
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
    Tombstone,
    identifier,
)

_ID = ("id",)
_KEYS = {
    "stock.balance": ("location_code", "item_code", "lot_number"),
    "account.balance": ("account_code", "period"),
}


def read(resource_type: str, content: ReadContent) -> Iterator[Item]:
    """Yield every row of the content as a record or as a refusal."""
    return _items(resource_type, content, _record)


def read_gone(resource_type: str, content: ReadContent) -> Iterator[Item]:
    """Yield a tombstone for every row, which holds the id of what is gone."""
    return _items(resource_type, content, _tombstone)


def _items(
    resource_type: str, content: ReadContent, made: Callable[[str, Line], Item]
) -> Iterator[Item]:
    for line in lines(content()):
        try:
            yield made(resource_type, line)
        except RecordRefused as refused:
            yield Refusal(
                resource_type=resource_type,
                refusal_class=refused.refusal_class,
                message=refused.message,
                byte_offset=line.offset,
                byte_length=line.length,
            )


def _record(resource_type: str, line: Line) -> Record:
    text, row = _row(line)
    return Record(
        resource_type=resource_type,
        resource_id=identifier(
            resource_type, [row.get(name) for name in _KEYS.get(resource_type, _ID)]
        ),
        content_sha256=hashlib.sha256(text).digest(),
        byte_offset=line.offset,
        byte_length=len(text),
        body=text,
    )


def _tombstone(resource_type: str, line: Line) -> Tombstone:
    text, row = _row(line)
    return Tombstone(
        resource_type=resource_type,
        resource_id=identifier(resource_type, [row.get(name) for name in _ID]),
        byte_offset=line.offset,
        byte_length=len(text),
    )


def _row(line: Line) -> tuple[bytes, dict[str, Any]]:
    if line.text is None:
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"the line is longer than {MAX_RECORD_BYTES} bytes",
        )
    row = strict_json.decode(line.text)
    if not isinstance(row, dict):
        raise RecordRefused(RefusalClass.CONTRACT_DRIFT, "the row is not a JSON object")
    return line.text, row
