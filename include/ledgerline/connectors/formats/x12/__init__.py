"""X12 5010 becomes records: claims, remittances, acknowledgements, claim status."""

from ledgerline.connectors.formats.x12.interchange import read

__all__ = ["read"]
