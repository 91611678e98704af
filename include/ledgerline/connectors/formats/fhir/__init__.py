"""FHIR R4: NDJSON files, Bundles and single resources become records."""

from ledgerline.connectors.formats.fhir.reader import read
from ledgerline.connectors.formats.fhir.recognition import Kind, recognise

__all__ = ["Kind", "read", "recognise"]
