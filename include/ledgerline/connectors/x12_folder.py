"""A folder of X12 files: claims, remittances, acknowledgements."""

from __future__ import annotations

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.folder import FolderSource
from ledgerline.connectors.formats import x12
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import FormatUnknown, Source

_FORMAT = "x12"


def source(endpoint: Endpoint) -> Source:
    """Return the billing system's X12 folder as a source."""
    return FolderSource(
        zone="billing",
        name="billing_x12",
        endpoint=endpoint,
        recognise=lambda _name, _head: _FORMAT,
        reader=_reader,
    )


def _reader(format_name: str) -> Reader:
    if format_name != _FORMAT:
        raise FormatUnknown(format_name)
    return x12.read
