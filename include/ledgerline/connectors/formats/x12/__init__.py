"""X12 5010: claims (837I, 837P) and remittances (835) become records."""

from ledgerline.connectors.formats.x12.interchange import read

__all__ = ["read"]
