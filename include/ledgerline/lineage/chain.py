"""The chain of a financial encounter, from the message to the publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ledgerline.lineage import repository
from ledgerline.store.engine import connect


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link: what it is, whether it is there, and the bytes that tell of it.

    The offset counts from the start of the decoded file. Of a link that is missing the
    owner and the next action are known, of one that is there the evidence.
    """

    link: str
    natural_key: str | None
    parent_key: str | None
    state: str
    amount: Decimal | None
    happened_at: datetime | None
    owner: str | None
    next_action: str | None
    detail: str
    file_name: str | None
    byte_offset: int | None


@dataclass(frozen=True, kw_only=True)
class Chain:
    """All that belongs to one correlation id, and the names that feeds give it."""

    correlation_id: UUID
    names: Sequence[str]
    account_numbers: Sequence[str]
    links: Sequence[Link]


def correlate(dsn: str) -> int:
    """Give every visit and encounter that readers see a correlation id.

    Returns how many names were new. Safe to repeat.
    """
    with connect(dsn) as connection, connection.transaction():
        return repository.correlate(connection)


def chains(dsn: str, identifier: str) -> list[Chain]:
    """Return the chains that an identifier belongs to.

    It is a correlation id, an encounter, a visit, an account or a claim.
    """
    with connect(dsn) as connection, connection.transaction():
        return [
            Chain(
                correlation_id=correlation_id,
                names=names,
                account_numbers=accounts,
                links=[
                    Link(**row) for row in repository.links(connection, correlation_id)
                ],
            )
            for correlation_id, names, accounts in repository.correlated(
                connection, identifier
            )
        ]
