"""Landed records that wait for another one: parked once, then settled."""

from ledgerline.landing.waiting.waiting import Changes, Reason, keep

__all__ = ["Changes", "Reason", "keep"]
