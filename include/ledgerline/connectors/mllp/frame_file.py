"""A file of frames, as the inbox hands it to landing: one item a message, in order.

Its messages were cut by the listener and are opened here by the same rules by which it
answered, so that what was accepted at the door is not refused for its framing later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledgerline.connectors.formats.hl7v2.extraction import record_of
from ledgerline.connectors.formats.record import (
    Item,
    ReadContent,
    Reader,
    RecordRefused,
    Refusal,
)
from ledgerline.connectors.mllp.framing import END, framed
from ledgerline.connectors.source import FormatUnknown

FORMAT = "hl7v2-mllp"
_END = END + b"\r"


def written(messages: Iterable[bytes]) -> bytes:
    """Return the file of these messages."""
    return b"".join(framed(message) for message in messages)


def reader(format_name: str) -> Reader:
    """Return the reader of the format; raises FormatUnknown when it is another."""
    if format_name != FORMAT:
        raise FormatUnknown(format_name)
    return read


def read(content: ReadContent) -> Iterator[Item]:
    """Yield a record or a refusal for each frame."""
    rest, offset = b"", 0
    for chunk in content():
        seen = max(len(rest) - 1, 0)
        rest += chunk
        while (end := rest.find(_END, seen)) >= 0:
            yield _item(rest[1:end], offset + 1)
            offset += end + len(_END)
            rest, seen = rest[end + len(_END) :], 0


def _item(message: bytes, offset: int) -> Item:
    try:
        return record_of(message, offset, len(message), 0)
    except RecordRefused as refused:
        return Refusal(
            resource_type="HL7 message",
            refusal_class=refused.refusal_class,
            message=refused.message,
            byte_offset=offset,
            byte_length=len(message),
        )
