"""Open a message: its character set, its segments and its header, checked."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from ledgerline.connectors.formats.hl7v2.separators import (
    STANDARD,
    Separators,
    separators,
)
from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    RecordRefused,
    RefusalClass,
)

_FIELDS = 12
"""A header reaches to its version, MSH-12."""
_START = 8
_LONGEST = 4096
"""Bytes: no real header comes near, and an answer is made from no more of it."""
_UTF_8 = "utf-8"
_CODECS = {
    "ASCII": "ascii",
    "UNICODE UTF-8": _UTF_8,
    "UTF-8": _UTF_8,
    "UTF8": _UTF_8,
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
} | {f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)}
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_NUL, _LINE_FEED = 0x00, 0x0A
"""As numbers: a byte is found some ten times faster than a string of one byte."""
_NEXT_SEGMENT = re.compile(rb"\n(?=[A-Z][A-Z0-9]{2}[^\w\s])")


class Header(msgspec.Struct, frozen=True, gc=False):
    """The MSH segment of a message, as written."""

    fields: list[str]
    separators: Separators
    codec: str

    def at(self, position: int) -> str:
        """Return MSH-`position` as written, `` when the segment is shorter."""
        if position == 1:
            return self.separators.field
        fields = self.fields
        return fields[position - 1] if position <= len(fields) else ""

    @property
    def sending_application(self) -> str:
        """Who sent it: the namespace of MSH-3, else its universal id."""
        return namespace(self.at(3), self.separators)

    @property
    def sending_facility(self) -> str:
        """Where from: the namespace of MSH-4, else its universal id."""
        return namespace(self.at(4), self.separators)

    @property
    def message_type(self) -> str:
        """The message code, for example ADT."""
        return message_type(self.at(9), self.separators.component)[0]

    @property
    def trigger(self) -> str:
        """The event, for example A01."""
        return message_type(self.at(9), self.separators.component)[1]

    @property
    def control_id(self) -> str:
        """MSH-10, unique for its sender."""
        return self.at(10)

    @property
    def version(self) -> str:
        """The HL7 version, for example 2.5.1."""
        return self.at(12).split(self.separators.component)[0]

    @property
    def key(self) -> str:
        """What names the message: application, facility and control id."""
        return "|".join(
            (self.sending_application, self.sending_facility, self.control_id)
        )


class OpenMessage(Header, frozen=True, gc=False):
    """A message as text: its header, and all of its lines in order."""

    lines: list[str]
    text: str
    payload: bytes
    has_escape: bool


def read_header(message: bytes) -> Header:
    """Return the header of one message, given without its MLLP frame.

    Raises RecordRefused for whatever makes the message unreadable as a whole:
    framing, separators, truncation, character set, size.
    """
    opened = open_message(message)
    return Header(opened.fields, opened.separators, opened.codec)


def open_message(message: bytes) -> OpenMessage:
    """Decode one message and split it into lines.

    `payload` is what identical messages share: one carriage return between lines,
    none at the end. Raises RecordRefused when the message cannot be read.
    """
    if len(message) > MAX_RECORD_BYTES:
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"the message is longer than {MAX_RECORD_BYTES} bytes",
        )
    payload = _payload(message)
    if len(payload) > _LONGEST and payload.find(b"\r", 0, _LONGEST + 1) < 0:
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"the MSH segment is longer than {_LONGEST} bytes",
        )
    text, codec = (payload.decode(), "") if payload.isascii() else _decoded(payload)
    lines = text.split("\r")
    fields = lines[0].split(text[3])
    if len(fields) == 1:
        raise _truncated()
    marks = separators(text[3], fields[1], is_whole=len(fields) > 2)
    if len(fields) < _FIELDS or len(lines) == 1:
        raise _truncated()
    has_escape = text.find(marks.escape, _START) >= 0
    if has_escape:  # every header holds one
        _refuse_glued(text)
    if not fields[8] or not fields[9]:
        raise _unnamed(fields)
    if not codec:
        codec = codec_of(fields[17]) if len(fields) > 17 else _UTF_8
    return OpenMessage(fields, marks, codec, lines, text, payload, has_escape)


def header_of_any(message: bytes) -> Header:
    """Return what can be read of a header, for an answer; never raises."""
    line = re.split(rb"[\r\n]", message.lstrip(b"\r\n")[:_LONGEST], maxsplit=1)[0]
    text = line.decode("ascii", "ignore").replace("\x00", "")
    if not text.startswith("MSH") or len(text) <= 3:
        return Header(["MSH", STANDARD.declared], STANDARD, _UTF_8)
    fields = text.split(text[3])
    try:
        return Header(fields, separators(text[3], fields[1]), _UTF_8)
    except RecordRefused:
        return Header(["MSH", STANDARD.declared], STANDARD, _UTF_8)


@lru_cache(maxsize=4096)
def namespace(field: str, marks: Separators) -> str:
    """Return the namespace of a hierarchic designator, else its universal id."""
    parts = field.split(marks.repetition)[0].split(marks.component)
    return parts[0] or (parts[1] if len(parts) > 1 else "")


@lru_cache(maxsize=1024)
def message_type(field: str, component: str) -> tuple[str, str, str]:
    """Return message code, trigger and structure of MSH-9."""
    code, trigger, structure, *_ = [*field.split(component), "", ""]
    return code, trigger, structure


def _payload(message: bytes) -> bytes:
    payload = (_delimited(message) if _LINE_FEED in message else message).strip(b"\r")
    if not payload.startswith(b"MSH"):
        raise RecordRefused(
            RefusalClass.FRAMING, "the message does not begin with an MSH segment"
        )
    if len(payload) <= _START:
        raise _truncated()
    if _NUL in payload:
        raise RecordRefused(RefusalClass.ENCODING, "the message holds a NUL character")
    return payload


def _unnamed(fields: list[str]) -> RecordRefused:
    if fields[8]:
        return RecordRefused(
            RefusalClass.ID_MISSING, "the message has no control id (MSH-10)"
        )
    return RecordRefused(RefusalClass.SEGMENT_INVALID, "MSH-9 names no message type")


def _refuse_glued(text: str) -> None:
    if text.find(text[:_START], _START) >= 0:
        raise RecordRefused(
            RefusalClass.FRAMING,
            "two messages are in one frame; send each in a frame of its own",
        )


def _delimited(message: bytes) -> bytes:
    """Return the message with a carriage return at the end of each segment."""
    if b"\r" not in message:
        return message.replace(b"\n", b"\r")
    text = message.replace(b"\r\n", b"\r")
    if b"\n" in text and _NEXT_SEGMENT.search(text):
        raise RecordRefused(
            RefusalClass.SEGMENT_DELIM,
            "some segments end with a carriage return and some with a line feed",
        )
    return text


def _decoded(payload: bytes) -> tuple[str, str]:
    """Return text and codec of a message not all ASCII, by what it declares."""
    header = payload.partition(b"\r")[0].split(payload[3:4], 18)
    codec = codec_of(header[17].decode("latin-1") if len(header) > 17 else "")
    try:
        text = payload.decode(_UTF_8)
    except UnicodeDecodeError:
        text = ""
    if codec != _UTF_8:
        return _legacy(payload, codec, is_utf_8=bool(text)), codec
    if not text:
        raise RecordRefused(
            RefusalClass.ENCODING,
            "the message is not UTF-8; name its character set in MSH-18",
        )
    return text, codec


@lru_cache(maxsize=256)
def codec_of(declared: str) -> str:
    """Return the codec of MSH-18; raises RecordRefused when it is not read."""
    name = declared.split("~")[0].strip().upper()
    codec = _CODECS.get(name) if name else _UTF_8
    if codec is None:
        raise RecordRefused(
            RefusalClass.CHARSET,
            "MSH-18 names a character set that is not read; send UTF-8",
        )
    return codec


def _legacy(payload: bytes, codec: str, *, is_utf_8: bool) -> str:
    """Decode a declared character set other than UTF-8; refuse what belies it."""
    try:
        text = payload.decode(codec)
        is_belied = codec.startswith("iso8859") and (
            is_utf_8 or _CONTROLS.search(payload) is not None
        )
    except UnicodeDecodeError:
        is_belied = True
    if is_belied:
        raise RecordRefused(
            RefusalClass.CHARSET,
            "the bytes are not of the character set that MSH-18 names",
        )
    return text


def _truncated() -> RecordRefused:
    return RecordRefused(
        RefusalClass.TRUNCATED, "the message ends within or right after its MSH segment"
    )
