"""Adopt: after a restore the ERP knows more than we do, so it is read first.

Every document of ours that it holds and we forgot becomes an entry again, and every
entry that is not settled is put in doubt. The resolver then reads each back: what is
there is POSTED, what is not may be sent, and nothing is sent twice.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from ledgerline.posting.document import PREFIX, Document
from ledgerline.posting.port import ErpPort, Policy
from ledgerline.posting.repository import outbox, planning
from ledgerline.posting.restored import repository
from ledgerline.posting.restored.forgotten import entry_of
from ledgerline.store.engine import Connection

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AdoptionReport:
    """How many documents were adopted, and how many entries are read back."""

    adopted: int = 0
    doubted: int = 0


def adopt(dsn: str, port: ErpPort, policy: Policy | None = None) -> AdoptionReport:
    """Adopt what the ERP holds if the warehouse was restored; else do nothing.

    A worker from before the restore may still be sending until its lease and its
    quiet time are over, so the ERP is read after that.
    """
    with planning.connection(dsn) as connection:
        if not repository.notice(connection):
            return AdoptionReport()
        if planning.newest_publication(connection) is None:
            log.warning("the warehouse was restored to before its first publication")
            return AdoptionReport()
        chosen = policy or outbox.policy(connection, port.name, Policy.of(port.profile))
        _outwait(connection, chosen)
        found = {
            each.document.reference: each.document
            for each in port.sweep(PREFIX)
            if each.is_effective
        }
        with connection.transaction():
            report = _adopt(connection, found, port.name)
    log.warning("the warehouse was restored: %s", report)
    return report


def _outwait(connection: Connection, policy: Policy) -> None:
    over = policy.lease_seconds + policy.quiet_seconds
    left = over - repository.seconds_since_notice(connection)
    if left > 0:
        log.warning("what was sent before the restore arrives within %.0f s", left)
        time.sleep(left)


def _adopt(
    connection: Connection, found: dict[str, Document], adapter: str
) -> AdoptionReport:
    planning.lock_planning(connection)
    publication = planning.newest_publication(connection)
    if publication is None or not repository.begin(connection):
        return AdoptionReport()
    known = repository.known_keys(connection)
    published = repository.issued(connection)
    made = [entry_of(document, published) for document in found.values()]
    forgotten = sorted(
        (entry for entry in made if entry and entry.natural_key not in known),
        key=lambda entry: (entry.group.stem, entry.version),
    )
    for entry in forgotten:
        planning.insert_entry(connection, publication, entry)
    planning.link_facts(connection, [entry.entry_id for entry in forgotten])
    doubted = repository.doubt(connection, list(found), adapter)
    repository.end(connection, len(forgotten), doubted)
    return AdoptionReport(adopted=len(forgotten), doubted=doubted)
