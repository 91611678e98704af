"""Raw zone: bytes first, then records; idempotent by content; quarantine.

`land` lands a folder of the EHR or of billing, `erp` lands the ERP's extract. Every
batch balances: received = landed + quarantined + duplicate.
"""

from ledgerline.landing.report import LandingReport

__all__ = ["LandingReport"]
