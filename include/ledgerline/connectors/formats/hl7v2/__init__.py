"""HL7 v2: messages framed, opened and turned into records.

Tolerant of how they are delivered, strict about what is taken from them.
"""

from ledgerline.connectors.formats.hl7v2.reader import FORMAT, read, recognise

__all__ = ["FORMAT", "read", "recognise"]
