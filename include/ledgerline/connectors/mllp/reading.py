"""Read a frame as far as an answer needs it, and write the answer."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerline.connectors.formats.hl7v2.acknowledgement import (
    acknowledge,
    answer_codes,
    header_of_any,
    read_header,
)
from ledgerline.connectors.formats.hl7v2.header import Header
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.mllp.framing import Frame
from ledgerline.connectors.mllp.receipt import Outcome, Received

_KEY_LENGTH = 500
"""Longer keys fit no index; no real identifier comes near."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A message with what could be read of its header, and what is wrong with it."""

    received: Received
    header: Header
    refused: RecordRefused | None

    def verdict(self, outcome: Outcome) -> RecordRefused | None:
        """Return why the message is not accepted, once its bytes are committed."""
        if self.refused is None and outcome is Outcome.CONFLICT:
            return RecordRefused(
                RefusalClass.DUPLICATE_CONFLICT,
                "the control id came before with other content; the first one stands",
            )
        return self.refused

    def answers(self, refused: RecordRefused | None) -> list[bytes]:
        """Return what the sender wants to hear of it: mostly one answer."""
        return [
            acknowledge(self.header, code, refused)
            for code in answer_codes(self.header, refused)
        ]


def read(frame: Frame, peer: str) -> Reading:
    """Read the header of a message; one that cannot be read is kept without a key."""
    try:
        header, refused = _header(frame), None
        sender = f"{header.sending_application}|{header.sending_facility}"
        key = sender, header.control_id
    except RecordRefused as error:
        header, refused, key = header_of_any(frame.content), error, ("", "")
    received = Received(
        sender=key[0], control_id=key[1], peer=peer, content=frame.content
    )
    return Reading(received=received, header=header, refused=refused)


def _header(frame: Frame) -> Header:
    if frame.is_oversize:
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"the message has {frame.length} bytes, more than are taken",
        )
    header = read_header(frame.content)
    if len(header.key) > _KEY_LENGTH:
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"MSH-3, MSH-4 and MSH-10 are longer than {_KEY_LENGTH} characters",
        )
    return header
