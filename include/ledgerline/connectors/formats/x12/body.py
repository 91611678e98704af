"""A record in the making: its body grows segment by segment, with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from ledgerline.connectors.formats.record import (
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
)
from ledgerline.connectors.formats.x12.segment import Segment


class Draft:
    """One record under construction; the first refusal stands.

    `positions` says where each line of the body lies. It is kept apart until the
    end, so that the content hash is free of it.
    """

    def __init__(
        self,
        *,
        resource_type: str,
        resource_id: str,
        body: dict[str, Any],
        segment: Segment,
    ) -> None:
        """Begin at a segment."""
        self.resource_type = resource_type
        self.resource_id = resource_id
        self.body = body
        self.positions: list[dict[str, int]] = []
        self.offset = segment.offset
        self.end = segment.end
        self.refusal: RecordRefused | None = None
        if not segment.is_text:
            self.refuse(not_text(segment))

    def extend(self, segment: Segment) -> None:
        """Let the record reach to the end of this segment."""
        self.end = segment.end
        if not segment.is_text:
            self.refuse(not_text(segment))

    def refuse(self, refused: RecordRefused) -> None:
        """Keep the first reason why this record cannot be taken."""
        self.refusal = self.refusal or refused

    def finish(self, unit: int) -> Record | Refusal:
        """Return the record, or the reason why it is none."""
        if self.refusal is not None:
            return Refusal(
                resource_type=self.resource_type,
                refusal_class=self.refusal.refusal_class,
                message=self.refusal.message,
                byte_offset=self.offset,
                byte_length=self.end - self.offset,
            )
        content = orjson.dumps(self.body)
        for ordinal, position in enumerate(self.positions):
            self.body["lines"][ordinal].update(position)
        return Record(
            resource_type=self.resource_type,
            resource_id=self.resource_id,
            content_sha256=hashlib.sha256(content).digest(),
            byte_offset=self.offset,
            byte_length=self.end - self.offset,
            body=orjson.dumps(self.body) if self.positions else content,
            unit=unit,
        )


def not_text(segment: Segment) -> RecordRefused:
    """Return the refusal of a segment whose bytes are not clean UTF-8."""
    return RecordRefused(
        RefusalClass.ENCODING,
        f"segment {segment.number} holds bytes that are not UTF-8 text",
    )


def without_blanks(values: Mapping[str, str]) -> dict[str, str]:
    """Return the entries that have a value."""
    return {key: value for key, value in values.items() if value}
