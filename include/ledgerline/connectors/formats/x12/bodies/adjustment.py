"""What a payer adjusted: of its own payment in an 835, of a prior one in an 837."""

from __future__ import annotations

from ledgerline.connectors.formats.x12.records.draft import Placed


class Adjustment(Placed):
    """A CAS triplet."""

    group_code: str
    reason_code: str
    amount: str
    quantity: str = ""
