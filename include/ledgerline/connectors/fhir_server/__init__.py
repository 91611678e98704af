"""A FHIR R4 server: Bulk Data `$export`, else REST search, as a source."""

from ledgerline.connectors.fhir_server.server import FhirServer, source

__all__ = ["FhirServer", "source"]
