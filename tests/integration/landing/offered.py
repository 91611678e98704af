"""A source made for a test: deliveries in memory, one JSON object a line."""

import hashlib
import io
import json
from dataclasses import dataclass, field
from functools import partial

from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    RefusalClass,
    Tombstone,
)
from ledgerline.connectors.source import Delivery, FormatUnknown


def read(content):
    offset = 0
    for line in b"".join(content()).splitlines(keepends=True):
        row = json.loads(line)
        place = {"byte_offset": offset, "byte_length": len(line) - 1}
        if row.get("deleted"):
            yield Tombstone(resource_type="Visit", resource_id=row["id"], **place)
        else:
            yield Record(
                resource_type="Visit",
                resource_id=row["id"],
                content_sha256=hashlib.sha256(line).digest(),
                body=line,
                **place,
            )
        offset += len(line)


def lines(*rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def delivery(name, content, count=None):
    return Delivery(
        name=name, opened=partial(io.BytesIO, content), expected_count=count
    )


@dataclass(kw_only=True)
class Offered:
    """A source of these deliveries; `watch` is called when each one is committed."""

    offers: list
    zone: str = "clinic"
    name: str = "clinic_feed"
    is_whole: bool = False
    format: str = "visits"
    watch: object = field(default=lambda state: None)

    def deliveries(self, state):
        for offer in self.offers:
            yield offer
            self.watch(state)

    def recognise(self, name, head):
        if head.startswith(b"?"):
            raise FileRefused(RefusalClass.UNRECOGNISED_FORMAT, "nobody knows it")
        return self.format if head.startswith(b"{") else ""

    def reader(self, format_name):
        if format_name != self.format:
            raise FormatUnknown(format_name)
        return read
