"""A page of an extract: rows or deletions of one resource type, as NDJSON.

Keys are sorted, because Tryton's own order changes with every start. A row carries the
stamps of all that it shows, so the same bytes are the same version of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from ledgerline.connectors.tryton.codec import Row

ROWS, GONE = "rows/", "gone/"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page; its `format` says what the lines are and of which resource type.

    What `is_said_anew` counts although the same bytes came before.
    """

    name: str
    format: str
    content: bytes
    is_said_anew: bool = False


def rows(
    resource_type: str, place: str, found: Iterable[Row], *, is_said_anew: bool = False
) -> Page:
    """Return a page of rows; `place` tells it from the others of its type."""
    return Page(
        name=f"{resource_type}-{place}.ndjson",
        format=f"{ROWS}{resource_type}",
        content=_lines(found),
        is_said_anew=is_said_anew,
    )


def gone(resource_type: str, ids: Iterable[str]) -> Page:
    """Return a page that says of records that they are no longer there."""
    return Page(
        name=f"{resource_type}-gone.ndjson",
        format=f"{GONE}{resource_type}",
        content=_lines({"id": each} for each in ids),
        is_said_anew=True,
    )


def _lines(found: Iterable[Row]) -> bytes:
    options = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return b"".join([orjson.dumps(row, option=options) for row in found])
