"""Reconcile: what landed, what we published and sent, and what the ERP reads back."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ledgerline.posting.document import PREFIX, Document
from ledgerline.posting.port import ErpPort, FoundDocument
from ledgerline.posting.repository.planning import consumption_location
from ledgerline.reconciliation import repository
from ledgerline.reconciliation.comparison import (
    IN_DOUBT,
    LEDGER_ERP,
    OUTBOX_LEDGER,
    WAREHOUSE_OUTBOX,
    Balance,
    EntryMark,
    Line,
    add,
    balance_of,
    compare,
    negative,
    sweep,
)
from ledgerline.reconciliation.landed import source_lines
from ledgerline.store.engine import Connection, connect

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReconciliationReport:
    """What was compared and what does not agree. Amounts are in USD.

    `difference_amount` is the sum of the accounts' absolute differences.
    """

    run_id: int
    publication_id: int | None
    compared: int
    documents: int
    difference_amount: Decimal
    in_flight_amount: Decimal
    breaks: tuple[Line, ...] = field(repr=False)

    @property
    def is_even(self) -> bool:
        """Whether every pair agrees, document by document."""
        return not self.breaks


def reconcile(dsn: str, port: ErpPort) -> ReconciliationReport:
    """Compare sources, warehouse, outbox, ledger and ERP; keep lines, name breaks."""
    port.check()
    with connect(dsn) as connection:
        began = repository.clock(connection)
        found = list(port.sweep(PREFIX))
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read")
            lines = _lines(connection, began, found)
            report = _keep(connection, began, lines, found)
    for line in report.breaks:
        where = line.key.account_code or line.key.subject
        log.error(
            "%s: %s %s %s %s is off by %s",
            *(line.break_name, line.system_pair, line.key.facility_code),
            *(line.key.period, where, line.difference),
        )
    return report


def _lines(
    connection: Connection, began: datetime, found: list[FoundDocument]
) -> list[Line]:
    consumption = consumption_location(connection)
    entries, recent = repository.marks(connection, began)
    ours = repository.outbox(connection)
    held = [document.document for document in found if document.is_effective]
    moving = _moving_in_erp(entries, recent, held, consumption)
    return [
        *source_lines(connection),
        *compare(WAREHOUSE_OUTBOX, repository.desired(connection), ours.proposed, {}),
        *compare(OUTBOX_LEDGER, ours.proposed, ours.ledger, ours.moving),
        *compare(LEDGER_ERP, ours.booked, balance_of(held, consumption), moving),
        *sweep(entries, found),
    ]


def _moving_in_erp(
    entries: dict[str, EntryMark],
    recent: dict[str, Document],
    held: list[Document],
    consumption: str,
) -> Balance:
    """Documents on their way: posted while we read, or there and not yet known to be.

    The first are in our ledger and not in what was read, the second the reverse.
    """
    references = {document.reference for document in held}
    late = [recent[key] for key in recent.keys() - references]
    unknown = [
        document
        for document in held
        if (mark := entries.get(document.reference)) and mark.state in IN_DOUBT
    ]
    return add(
        balance_of(late, consumption), negative(balance_of(unknown, consumption))
    )


def _keep(
    connection: Connection,
    began: datetime,
    lines: list[Line],
    found: list[FoundDocument],
) -> ReconciliationReport:
    breaks = tuple(line for line in lines if line.break_name)
    accounts = [line for line in lines if line.key.scope == "account"]
    difference = sum((abs(line.difference) for line in accounts), Decimal(0))
    in_flight = sum((abs(line.in_flight) for line in accounts), Decimal(0))
    number = repository.publication(connection)
    totals = {
        "publication_id": number,
        "break_count": len(breaks),
        "difference": difference,
        "in_flight": in_flight,
    }
    return ReconciliationReport(
        run_id=repository.insert_run(connection, began, lines, totals),
        publication_id=number,
        compared=len(lines),
        documents=sum(document.is_effective for document in found),
        difference_amount=difference,
        in_flight_amount=in_flight,
        breaks=breaks,
    )
