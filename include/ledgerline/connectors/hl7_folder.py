"""A folder of HL7 v2 messages: plain files, batches or MLLP frames."""

from __future__ import annotations

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.folder import FolderSource
from ledgerline.connectors.formats import hl7v2
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import FormatUnknown, Source


def source(endpoint: Endpoint) -> Source:
    """Return the source of a connection `ehr_hl7v2` of type `fs`."""
    return FolderSource(
        zone="ehr",
        name="ehr_hl7v2",
        endpoint=endpoint,
        recognise=hl7v2.recognise,
        reader=_reader,
    )


def _reader(format_name: str) -> Reader:
    if format_name != hl7v2.FORMAT:
        raise FormatUnknown(format_name)
    return hl7v2.read
