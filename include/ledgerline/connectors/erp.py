"""The ERP's extract: every page a delivery, every row a record."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.formats import rows
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import Delivery, FormatUnknown, Source, State
from ledgerline.connectors.tryton import extract
from ledgerline.connectors.tryton.client import TrytonClient

_FORMAT = "rows/"


class Page(Protocol):
    """One page of an extract: NDJSON rows of one resource type."""

    @property
    def name(self) -> str:
        """Name of the page: the resource type, a dash and a number."""

    @property
    def content(self) -> bytes:
        """The rows, one a line."""


@dataclass(frozen=True, kw_only=True)
class ErpSource:
    """Everything that the warehouse wants of the ERP, page by page."""

    pages: Callable[[], Iterable[Page]]
    zone: ClassVar[str] = "erp"
    name: ClassVar[str] = "erp"
    is_whole: ClassVar[bool] = True

    def deliveries(self, _state: State) -> Iterator[Delivery]:
        """Offer every page of the extract."""
        for page in self.pages():
            yield Delivery(
                name=page.name,
                format=_FORMAT + page.name.rsplit("-", 1)[0],
                opened=partial(io.BytesIO, page.content),
            )

    def recognise(self, _name: str, _head: bytes) -> str:
        """Return the format of no page: every page brings its own."""
        return ""

    def reader(self, format_name: str) -> Reader:
        """Return the reader of one resource type's rows."""
        if not format_name.startswith(_FORMAT):
            raise FormatUnknown(format_name)
        return partial(rows.read, format_name.removeprefix(_FORMAT))


def source(endpoint: Endpoint) -> Source:
    """Return the ERP as a source."""

    def pages() -> Iterator[Page]:
        with TrytonClient(endpoint) as client:
            yield from extract.pages(client)

    return ErpSource(pages=pages)
