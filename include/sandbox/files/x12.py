"""X12 interchanges: segments in the sender's delimiters in counted envelopes."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date

from sandbox.network.facilities import Delimiters


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Who sends what to whom under which numbers."""

    sender: str
    receiver: str
    control_number: int
    sent_on: date
    functional_code: str  # HC claims, HP remittances, FA and HN acknowledgements
    transaction: str  # 837, 835, 999 or 277
    implementation: str

    @property
    def set_control_number(self) -> str:
        """The number of the one transaction set within."""
        return f"{self.control_number:09d}"[-4:]


class ControlNumbers:
    """Hands out interchange control numbers, unique for each sender."""

    def __init__(self) -> None:
        """Begin every sender at 1."""
        self._last: Counter[str] = Counter()

    def next_for(self, sender: str) -> int:
        """Return the sender's next number."""
        self._last[sender] += 1
        return self._last[sender]


def plain(text: str) -> str:
    """Return text in the basic character set that every X12 receiver takes."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9 .,&/#-]", "", ascii_text.upper()).strip()


def day(value: date) -> str:
    """Return a date as X12 writes it."""
    return value.strftime("%Y%m%d")


class Segments:
    """The segments of one transaction set, written in a sender's delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        """Begin with no segment."""
        self.delimiters = delimiters
        self.written: list[str] = []

    def add(self, *elements: str) -> None:
        """Add a segment; empty elements at its end are left out."""
        kept = list(elements)
        while not kept[-1]:
            kept.pop()
        self.written.append(self.delimiters.element.join(kept))

    def composite(self, *parts: str) -> str:
        """Return one element made of components."""
        return self.delimiters.component.join(parts)

    def bare_interchange(self, envelope: Envelope) -> bytes:
        """Return a file of these segments between ISA and IEA, without a group."""
        number = f"{envelope.control_number:09d}"
        body = Segments(self.delimiters)
        body.written += [self._isa(envelope, number), *self.written]
        body.add("IEA", "0", number)
        return body.content()

    def content(self) -> bytes:
        """Return the segments as bytes."""
        end = self.delimiters.segment + self.delimiters.after_segment
        return "".join(segment + end for segment in self.written).encode("ascii")

    def interchange(self, envelope: Envelope) -> bytes:
        """Return the whole file: ISA to IEA around these segments."""
        number = f"{envelope.control_number:09d}"
        inside = self.written
        body = Segments(self.delimiters)
        body.written.append(self._isa(envelope, number))
        body.add(
            "GS",
            envelope.functional_code,
            envelope.sender,
            envelope.receiver,
            day(envelope.sent_on),
            "0600",
            str(envelope.control_number),
            "X",
            envelope.implementation,
        )
        set_number = envelope.set_control_number
        guide = "" if envelope.transaction == "835" else envelope.implementation
        body.add("ST", envelope.transaction, set_number, guide)
        body.written.extend(inside)
        body.add("SE", str(len(inside) + 2), set_number)
        body.add("GE", "1", str(envelope.control_number))
        body.add("IEA", "1", number)
        return body.content()

    def _isa(self, envelope: Envelope, number: str) -> str:
        """Return the ISA segment with its fixed widths."""
        return self.delimiters.element.join(
            (
                "ISA",
                "00",
                " " * 10,
                "00",
                " " * 10,
                "ZZ",
                f"{envelope.sender:<15}",
                "ZZ",
                f"{envelope.receiver:<15}",
                envelope.sent_on.strftime("%y%m%d"),
                "0600",
                self.delimiters.repetition,
                "00501",
                number,
                "0",
                "T",
                self.delimiters.component,
            )
        )
