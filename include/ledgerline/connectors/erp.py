"""The ERP as a source: pages of changed rows, of deletions and of balances."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.formats import rows
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import Delivery, FormatUnknown, Source, State
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.extract.changes import Window, changes
from ledgerline.connectors.tryton.extract.page import GONE, ROWS, Page
from ledgerline.connectors.tryton.extract.streams import streams


@dataclass(frozen=True, kw_only=True)
class ErpSource:
    """What changed in the ERP since the last extract, page by page.

    It is not whole: what the ERP no longer has, a page of deletions says.
    """

    pages: Callable[[State], Iterable[Page]]
    zone: ClassVar[str] = "erp"
    name: ClassVar[str] = "erp"
    is_whole: ClassVar[bool] = False

    def deliveries(self, state: State) -> Iterator[Delivery]:
        """Offer every page of the extract."""
        for page in self.pages(state):
            yield Delivery(
                name=page.name,
                format=page.format,
                opened=partial(io.BytesIO, page.content),
                is_said_anew=page.is_said_anew,
            )

    def recognise(self, _name: str, _head: bytes) -> str:
        """Return the format of no page: every page brings its own."""
        return ""

    def reader(self, format_name: str) -> Reader:
        """Return the reader of one resource type's rows or deletions."""
        for prefix, read in ((ROWS, rows.read), (GONE, rows.read_gone)):
            if format_name.startswith(prefix):
                return partial(read, format_name.removeprefix(prefix))
        raise FormatUnknown(format_name)


def source(endpoint: Endpoint) -> Source:
    """Return the ERP as a source; raises ConfigurationInvalid with the key to correct.

    `overlap_hours` and `compare_after_hours` of the connection set the window.
    """
    window = Window(
        overlap=_hours(endpoint, "overlap_hours", Window.overlap),
        compare_after=_hours(endpoint, "compare_after_hours", Window.compare_after),
    )

    def pages(state: State) -> Iterator[Page]:
        with TrytonClient(endpoint) as client:
            now = dt.datetime.now(dt.UTC)
            yield from changes(client, list(streams(client)), state, window, now)

    return ErpSource(pages=pages)


def _hours(endpoint: Endpoint, key: str, default: dt.timedelta) -> dt.timedelta:
    given = endpoint.extra.get(key)
    if given is None:
        return default
    try:
        hours = dt.timedelta(hours=float(given))
    except (TypeError, ValueError, OverflowError):
        hours = dt.timedelta(-1)
    if hours < dt.timedelta(0):
        raise ConfigurationInvalid(
            f"the extra key {key!r} of connection {endpoint.conn_id} is no number of "
            "hours, zero or more"
        )
    return hours
