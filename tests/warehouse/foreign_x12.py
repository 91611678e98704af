"""Counts the money of X12 bytes by their segments; nothing of the product is used."""

from dataclasses import dataclass, fields
from decimal import Decimal

INTERCHANGE_HEADER = 106
BARE = "*", "~"
CENTS = Decimal("0.00")


@dataclass(kw_only=True)
class Money:
    """What some bytes say: claims, and amounts that must not get lost.

    Of an 837 `paid` and `adjusted` are what earlier payers did; `kept` is what a
    payer adjusts at provider level (PLB).
    """

    claims: int = 0
    gross: Decimal = CENTS
    lines: Decimal = CENTS
    paid: Decimal = CENTS
    adjusted: Decimal = CENTS
    kept: Decimal = CENTS

    def __str__(self):
        amounts = (self.gross, self.paid, self.adjusted, self.kept)
        return f"{self.claims}: " + " ".join(f"{amount:.2f}" for amount in amounts)

    def __add__(self, other):
        return Money(
            **{
                field.name: getattr(self, field.name) + getattr(other, field.name)
                for field in fields(self)
            }
        )


class File:
    """The bytes of one file, in the delimiters of its own ISA segment."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        text = content.decode("latin-1").removeprefix("\xef\xbb\xbf")
        self.element, self.end = BARE
        if text.startswith("ISA"):
            self.element, self.end = text[3], text[INTERCHANGE_HEADER - 1]
        self.kind = next(each[1] for each in self.segments() if each[0] == "ST")

    def segments(self, offset=0, length=None):
        stop = None if length is None else offset + length
        text = self.content[offset:stop].decode("latin-1")
        for segment in text.split(self.end):
            if segment.strip():
                yield segment.strip().split(self.element)

    def money(self, offset=0, length=None):
        """Return what a stretch of the file says, all of it by default."""
        found = Money()
        for segment in self.segments(offset, length):
            for name, amount in _said(self.kind, segment):
                setattr(found, name, getattr(found, name) + amount)
        return found


def _said(kind, segment):
    """Yield each measure that a segment adds to, with the amount."""
    tag = f"{segment[0]}*{segment[1]}" if segment[0] == "AMT" else segment[0]
    if tag in COUNTED.get(kind, ()):
        yield "claims", 1
    for name, first, step in [*EVERYWHERE.get(tag, ()), *OF_KIND.get((kind, tag), ())]:
        stop = len(segment) if step else first + 1
        for position in range(first, stop, step or 1):
            text = segment[position] if position < len(segment) else ""
            yield name, Decimal(text or 0)


COUNTED = {"837": {"CLM"}, "835": {"CLP"}}
EVERYWHERE = {
    "CAS": [("adjusted", 3, 3)],
    "PLB": [("kept", 4, 2)],
    "AMT*D": [("paid", 2, 0)],
    "AMT*T3": [("gross", 2, 0)],
}
"""By segment: a measure, the element of its first amount, and the step to the next."""
OF_KIND = {
    ("837", "CLM"): [("gross", 2, 0)],
    ("837", "SV1"): [("lines", 2, 0)],
    ("837", "SV2"): [("lines", 3, 0)],
    ("837", "SVD"): [("paid", 2, 0)],
    ("835", "CLP"): [("gross", 3, 0), ("paid", 4, 0)],
    ("835", "SVC"): [("lines", 2, 0)],
    ("277", "STC"): [("gross", 4, 0)],
}
"""The same of one kind of transaction."""
