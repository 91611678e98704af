"""Propose: entries for the difference between what was published and what was sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ledgerline.canonical.errors import Retriable
from ledgerline.posting.proposal import NewEntry, new_entries
from ledgerline.posting.repository import planning
from ledgerline.store.engine import Connection

log = logging.getLogger(__name__)


class PublicationMoved(Retriable):
    """Publications keep arriving while the proposal is being made."""

    code = "PUBLICATION_MOVED"


@dataclass(frozen=True, kw_only=True)
class ProposalReport:
    """What a proposal did. `publication_id` is None when nothing was published yet."""

    publication_id: int | None = None
    proposed: int = 0
    cancelled: int = 0
    total_cents: int = 0


def propose(dsn: str) -> ProposalReport:
    """Bring the proposed entries to the newest publication, in one transaction.

    Entries of earlier publications that were never released are cancelled; a rejected
    document is proposed again, once a publication, as its next version. What belongs
    into a period that the ERP has closed is dated into the next open one.
    """
    with planning.connection(dsn) as connection:
        for _ in range(5):
            report = _propose_once(connection)
            if report is not None:
                return report
    raise PublicationMoved("publications arrive faster than proposals; try again later")


def _new_entries(connection: Connection) -> list[NewEntry]:
    journal = planning.journal_difference(connection)
    stock = planning.stock_difference(connection)
    requisitions = planning.requisition_difference(connection)
    groups = [*(each.group for each in journal), *(each.group for each in stock)]
    days = [group.posting_date for group in groups]
    return list(
        new_entries(
            journal,
            stock,
            planning.consumption_location(connection),
            planning.versions(connection),
            planning.open_dates(connection, days),
            requisitions,
        )
    )


def _propose_once(connection: Connection) -> ProposalReport | None:
    with connection.transaction() as transaction:
        planning.lock_planning(connection)
        publication = planning.newest_publication(connection)
        if publication is None:
            return ProposalReport()
        number = publication.publication_id
        planning.waive_rejections(connection, number)
        cancelled = planning.cancel_superseded(connection, number)
        cancelled += planning.cancel_closed(connection)
        entries = _new_entries(connection)
        for entry in entries:
            planning.insert_entry(connection, publication, entry)
        planning.link_facts(connection, [entry.entry_id for entry in entries])
        newest = planning.newest_publication(connection)
        if newest != publication:
            transaction.force_rollback = True
    if newest != publication:
        return None
    total = sum(entry.document.total_cents for entry in entries)
    log.info(
        "publication %d: %d entries proposed, %d cancelled",
        *(number, len(entries), cancelled),
    )
    return ProposalReport(
        publication_id=number,
        proposed=len(entries),
        cancelled=cancelled,
        total_cents=total,
    )
