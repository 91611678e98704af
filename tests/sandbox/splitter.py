"""Splits X12 by the delimiters in its ISA segment, and nothing more."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

ISA_LENGTH = 105


def segments(path: Path) -> Iterator[list[str]]:
    text = path.read_text(encoding="ascii")
    element, terminator = text[3], text[ISA_LENGTH]
    for segment in text.split(terminator):
        if segment.strip("\n"):
            yield segment.strip("\n").split(element)


def component(path: Path) -> str:
    return path.read_text(encoding="ascii")[104]


def adjusted(segment: list[str]) -> Decimal:
    """Return the sum of a CAS segment's amounts."""
    return sum((Decimal(amount) for amount in segment[3::3]), Decimal())


def adjustments(segment: list[str]) -> list[tuple[str, str, Decimal]]:
    """Return a CAS segment's (group, reason, amount)."""
    reasons, amounts = segment[2::3], segment[3::3]
    return [
        (segment[1], reason, Decimal(amount))
        for reason, amount in zip(reasons, amounts, strict=False)
    ]
