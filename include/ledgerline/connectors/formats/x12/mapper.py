"""Choose the mapper of a transaction set by its type and implementation guide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass
from ledgerline.connectors.formats.x12.body import Draft
from ledgerline.connectors.formats.x12.claim_837 import ClaimMapper
from ledgerline.connectors.formats.x12.remittance_835 import RemittanceMapper
from ledgerline.connectors.formats.x12.segment import Segment


class Mapper(Protocol):
    """Turns the segments of one transaction set into drafts of records."""

    def take(self, segment: Segment) -> Iterator[Draft]:
        """Use one segment between ST and SE."""

    def finish(self) -> Iterator[Draft]:
        """Yield what is left when SE arrives."""


def mapper_for(header: Segment, group: Segment, key: str) -> Mapper:
    """Return the mapper for the set that begins at `header` (ST) in `group` (GS).

    Raises RecordRefused for transaction types that are not read.
    """
    kind = header.at(1)
    implementation = header.at(3) or group.at(8)
    if kind == "835":
        return RemittanceMapper(key=key, segment=header)
    for guide, transaction in (("X223", "837I"), ("X222", "837P")):
        if kind == "837" and guide in implementation:
            return ClaimMapper(
                transaction=transaction, implementation=implementation, key=key
            )
    raise RecordRefused(
        RefusalClass.UNSUPPORTED_TRANSACTION,
        "this transaction type is kept as received but not read",
    )
