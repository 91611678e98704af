"""The door: records are compared with their contract before they land."""

from ledgerline.landing.door.door import Door

__all__ = ["Door"]
