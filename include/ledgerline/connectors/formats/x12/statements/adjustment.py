"""What a CAS says: up to six adjustments of one group.

Money is what balances: a quantity that is none is noted and left out, and so is that
no amount is stated, which the balance proves.
"""

from __future__ import annotations

from typing import NamedTuple

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.connectors.formats.x12.records.values import (
    Notes,
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
    notes: Notes


def adjusted(marks: Delimiters, text: str) -> Adjusted:
    """Read a CAS; raises Unreadable."""
    e = marks.elements(text)
    cents, triplets, notes = 0, [], Notes()
    for at in range(2, len(text.split(marks.element)), _STEP):
        reason, stated, quantity = e[at : at + _STEP]
        if not reason and not stated:
            continue
        if not stated:
            stated = "0"
            notes.append((RefusalClass.AMOUNT_INVALID, f"{e[0]}{at + 1:02}"))
        try:
            cents += amount(stated)
        except Unreadable as bad:
            bad.locate(e, at + 1)
            raise
        try:
            number(quantity)
        except Unreadable as bad:
            notes.append((bad.refusal_class, f"{e[0]}{at + 2:02}"))
            quantity = ""
        triplets.append((e[1], reason, stated, quantity))
    return Adjusted(cents, triplets, notes)
