"""Choose the reader of a transaction set by its type and implementation guide."""

from __future__ import annotations

import re

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.records.set_reader import OpenSet, SetReader
from ledgerline.connectors.formats.x12.sets.acknowledgement_999 import (
    AcknowledgementReader,
)
from ledgerline.connectors.formats.x12.sets.claim_837 import ClaimReader
from ledgerline.connectors.formats.x12.sets.remittance_835 import RemittanceReader
from ledgerline.connectors.formats.x12.sets.status_277 import StatusReader

_GUIDE = re.compile(r"X\d{3}")
_CLAIMS = {"X223": "837I", "X222": "837P", "": ""}
_STATUSES = {
    ("277", "X214"): "277CA",
    ("277", "X212"): "277",
    ("276", "X212"): "276",
}


def reader_of(opened: OpenSet) -> SetReader:
    """Return the reader of a transaction set.

    Raises RecordRefused for transaction types that are not read.
    """
    named = _GUIDE.search(opened.implementation)
    kind, guide = opened.kind, named[0] if named else ""
    if kind == "835":
        return RemittanceReader(opened)
    if kind == "837" and guide in _CLAIMS:
        return ClaimReader(opened, _CLAIMS[guide])
    if kind in {"997", "999"}:
        return AcknowledgementReader(opened)
    if (kind, guide) in _STATUSES:
        return StatusReader(opened, _STATUSES[kind, guide])
    raise RecordRefused(
        RefusalClass.UNSUPPORTED_TRANSACTION,
        f"ST01 (segment {opened.header.number}): this transaction type is kept as "
        "received but not read",
    )
