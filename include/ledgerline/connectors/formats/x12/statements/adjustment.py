"""What a CAS says: up to six adjustments of one group."""

from __future__ import annotations

from typing import NamedTuple

from ledgerline.connectors.formats.x12.records.values import (
    Unreadable,
    amount,
    number,
)
from ledgerline.connectors.formats.x12.segments.segment import Delimiters

_STEP = 3


class Adjusted(NamedTuple):
    """Its cents, and of each triplet group, reason, amount and quantity."""

    cents: int
    triplets: list[tuple[str, str, str, str]]


def adjusted(marks: Delimiters, text: str) -> Adjusted:
    """Read a CAS; raises Unreadable."""
    e = marks.elements(text)
    cents, triplets = 0, []
    for at in range(2, len(text.split(marks.element)), _STEP):
        reason, stated, quantity = e[at : at + _STEP]
        if not reason and not stated:
            continue
        try:
            cents += amount(stated)
            number(quantity)
        except Unreadable as bad:
            bad.locate(e, at + 1, at + 2)
            raise
        triplets.append((e[1], reason, stated, quantity))
    return Adjusted(cents, triplets)
