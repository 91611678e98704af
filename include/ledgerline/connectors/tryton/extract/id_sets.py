"""Compares the ids that Tryton has with those that were landed.

No stamp tells of a deletion, nor of a record whose transaction took longer to commit
than readings overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.codec import decode_text
from ledgerline.connectors.tryton.extract import page
from ledgerline.connectors.tryton.extract.page import Page
from ledgerline.connectors.tryton.extract.streams import EVERY_RECORD, Stream

_ASKED = 250
"""How many ids one URL names."""


def differences(
    client: TrytonClient, stream: Stream, landed: Collection[str]
) -> Iterator[Page]:
    """Yield the deletions of what is gone, then the rows of what was missed."""
    known = set(map(int, landed))
    there = {
        int(row["id"])
        for rows in client.pages(stream.model, stream.domain, ["id"], EVERY_RECORD)
        for row in rows
    }
    if gone := sorted(known - there):
        yield page.gone(stream.model, map(str, gone))
    missed = sorted(there - known)
    for start in range(0, len(missed), _ASKED):
        ids = missed[start : start + _ASKED]
        query = stream.query([["id", "in", ids]], (("id", "ASC"),))
        found = client.page(query, decoder=decode_text)
        place = f"missed-{ids[0]}"
        yield page.rows(stream.model, place, found, is_said_anew=True)
