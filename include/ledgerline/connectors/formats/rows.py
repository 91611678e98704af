"""Read NDJSON rows of a business system: one row a line, with an id or a known key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
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
)

_KEYS = {
    "stock.balance": ("location_code", "item_code", "lot_number"),
    "account.balance": ("account_code", "period"),
}


def read(resource_type: str, content: ReadContent) -> Iterator[Item]:
    """Yield every row of the content as a record or as a refusal."""
    for line in lines(content()):
        try:
            yield _record(resource_type, line)
        except RecordRefused as refused:
            yield Refusal(
                resource_type=resource_type,
                refusal_class=refused.refusal_class,
                message=refused.message,
                byte_offset=line.offset,
                byte_length=line.length,
            )


def _record(resource_type: str, line: Line) -> Record:
    if line.text is None:
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"the line is longer than {MAX_RECORD_BYTES} bytes",
        )
    row = strict_json.decode(line.text)
    if not isinstance(row, dict):
        raise RecordRefused(RefusalClass.CONTRACT_DRIFT, "the row is not a JSON object")
    return Record(
        resource_type=resource_type,
        resource_id=_identifier(resource_type, row),
        content_sha256=hashlib.sha256(line.text).digest(),
        byte_offset=line.offset,
        byte_length=len(line.text),
        body=line.text,
    )


def _identifier(resource_type: str, row: dict[str, Any]) -> str:
    parts = [row.get(name) for name in _KEYS.get(resource_type, ("id",))]
    if any(part is None for part in parts):
        raise RecordRefused(
            RefusalClass.ID_MISSING, f"the {resource_type} row lacks its key"
        )
    return "|".join(str(part) for part in parts)
