"""A record in the making: its body, and where it and its parts lie."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from ledgerline.connectors.formats.record import (
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
)
from ledgerline.connectors.formats.x12.records.values import Notes

_encode_into = msgspec.json.Encoder().encode_into


class Placed(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A part of a body that says where it lies in the file."""

    byte_offset: int = 0
    segment_number: int = 0


class Finding(Placed):
    """What is not as it should be in an element, and breaks no record."""

    refusal_class: str
    element: str


class Body(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What becomes the JSON text of a record; empty members are left out."""

    findings: list[Finding] = []


class Draft(msgspec.Struct, gc=False):
    """One record under construction, from its first segment on.

    `places` says where the parts of the body lie. It is kept apart until the end, so
    that the content hash is free of it.
    """

    resource_type: str
    resource_id: str
    body: Body
    offset: int
    number: int
    places: list[tuple[Placed, int, int]]
    refusal: RecordRefused | None = None

    def note(self, refusal_class: str, element: str, offset: int, number: int) -> None:
        """Add a finding about an element."""
        finding = Finding(refusal_class, element)
        self.body.findings.append(finding)
        self.places.append((finding, offset, number))

    def note_all(self, notes: Notes, offset: int, number: int) -> None:
        """Add findings about elements of one segment."""
        for refusal_class, element in notes:
            self.note(refusal_class, element, offset, number)

    def refuse(self, refused: RecordRefused) -> None:
        """Keep the first reason why this record cannot be taken."""
        self.refusal = self.refusal or refused

    def finish(
        self, end: int, unit: int, text: bytearray, odd_number: int = 0
    ) -> Record | Refusal:
        """Return the record that ends here, or the reason why it is none.

        `text` is room to write in, used again and again; `odd_number` is the segment
        to name where the body holds what is not text.
        """
        if self.refusal is not None:
            return self._refused(self.refusal, end)
        try:
            _encode_into(self.body, text)
        except UnicodeEncodeError:
            return self._refused(not_text(odd_number or self.number), end)
        content_sha256 = sha256(text).digest()
        for part, offset, number in self.places:
            part.byte_offset = offset
            part.segment_number = number
        if self.places:
            _encode_into(self.body, text)
        return Record(
            resource_type=self.resource_type,
            resource_id=self.resource_id,
            content_sha256=content_sha256,
            byte_offset=self.offset,
            byte_length=end - self.offset,
            body=bytes(text),
            unit=unit,
        )

    def _refused(self, refused: RecordRefused, end: int) -> Refusal:
        return Refusal(
            resource_type=self.resource_type,
            refusal_class=refused.refusal_class,
            message=refused.message,
            byte_offset=self.offset,
            byte_length=end - self.offset,
        )


def not_text(number: int) -> RecordRefused:
    """Return the refusal of a segment whose bytes are not clean UTF-8."""
    return RecordRefused(
        RefusalClass.ENCODING,
        f"segment {number} holds bytes that are not UTF-8 text",
    )
