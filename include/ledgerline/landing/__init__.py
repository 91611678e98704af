"""Raw zone: bytes first, then records; idempotent by content; quarantine.

`land.land` lands any source. Every batch balances: received = landed + quarantined +
duplicate.
"""

from ledgerline.landing.report import LandingReport

__all__ = ["LandingReport"]
