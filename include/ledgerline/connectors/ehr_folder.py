"""A folder of FHIR files: NDJSON of bulk exports, Bundles, single resources."""

from __future__ import annotations

from functools import partial

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.folder import FolderSource
from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import FormatUnknown, Source


def source(endpoint: Endpoint) -> Source:
    """Return the EHR's FHIR folder as a source."""
    return FolderSource(
        zone="ehr",
        name="ehr_fhir",
        endpoint=endpoint,
        recognise=recognise,
        reader=reader,
    )


def recognise(name: str, head: bytes) -> str:
    """Return the format of a file; empty when it stands beside resources."""
    kind = fhir.recognise(name, head)
    return "" if kind is fhir.Kind.NONE else kind.value


def reader(format_name: str) -> Reader:
    """Return the reader of a FHIR format; raises FormatUnknown."""
    try:
        return partial(fhir.read, fhir.Kind(format_name))
    except ValueError as error:
        raise FormatUnknown(format_name) from error
