"""How each facility writes HL7 v2: names, times, character set, line ends, framing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.network.facilities import Facility

ENCODING_CHARACTERS = "^~\\&"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPES = str.maketrans(
    {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
)


@dataclass(frozen=True, kw_only=True)
class Style:
    """What a facility's interface engine was set to."""

    application: str
    version: str
    character_set: str  # MSH-18
    encoding: str
    has_structure: bool  # whether MSH-9 names the message structure
    building: str
    admission_end: str
    charge_end: str
    is_framed: bool = False
    has_admission_batches: bool = False
    has_charge_batches: bool = False


STYLES = {
    "MVH": Style(
        application="EPICENTER",
        version="2.5.1",
        character_set="UNICODE UTF-8",
        encoding="utf-8",
        has_structure=True,
        building="Maison Thérèse",
        admission_end="\r",
        charge_end="\r",
        has_charge_batches=True,
    ),
    "LGH": Style(
        application="EPICENTER",
        version="2.5.1",
        character_set="UNICODE UTF-8",
        encoding="utf-8",
        has_structure=True,
        building="Lakeside Tower",
        admission_end="\n",
        charge_end="\n",
        has_admission_batches=True,
    ),
    "NRC": Style(
        application="NORTHSTAR",
        version="2.4",
        character_set="8859/1",
        encoding="iso8859-1",
        has_structure=False,
        building="Pavillon Élise",
        admission_end="\r",
        charge_end="\r",
        is_framed=True,
    ),
}


def style(facility: Facility) -> Style:
    """Return the style of a facility."""
    return STYLES[facility.code]


def escaped(text: str) -> str:
    """Return text with HL7's own characters escaped."""
    return text.translate(_ESCAPES)


def stamp(facility: Facility, moment: datetime) -> str:
    """Return a moment on the facility's clock, with its offset."""
    return moment.astimezone(facility.zone).strftime("%Y%m%d%H%M%S%z")


def segment(name: str, fields: dict[int, str]) -> str:
    """Return a segment of numbered fields; empty ones at its end are left out."""
    filled = {number: text for number, text in fields.items() if text}
    last = max(filled, default=0)
    return "|".join([name, *(filled.get(number, "") for number in range(1, last + 1))])


def document(segments: Sequence[str], end: str, encoding: str) -> bytes:
    """Return the bytes of one message."""
    return "".join(text + end for text in segments).encode(encoding)


def framed(message: bytes) -> bytes:
    """Return a message in its MLLP frame."""
    return b"\x0b" + message + b"\x1c\r"


def batched(
    facility: Facility, name: str, messages: Sequence[bytes], end: str
) -> Iterator[bytes]:
    """Yield a batch file: FHS, BHS, the messages, BTS and FTS with their counts."""
    sender = f"|{ENCODING_CHARACTERS}|{style(facility).application}|{facility.code}"
    head = f"FHS{sender}||||{name}{end}BHS{sender}{end}"
    yield head.encode("ascii")
    yield from messages
    yield f"BTS|{len(messages)}{end}FTS|1{end}".encode("ascii")
