"""Translation: our documents in Tryton's terms, and what Tryton holds in ours."""

from __future__ import annotations

from decimal import Decimal

from ledgerline.canonical.money import cents
from ledgerline.connectors.tryton import documents as erp
from ledgerline.posting.document import (
    Document,
    Journal,
    JournalLine,
    Requisition,
    RequisitionLine,
    StockLine,
    StockMove,
)
from ledgerline.posting.port import FoundDocument

Held = erp.PostedJournal | erp.DoneIssue | erp.SubmittedRequisition


def erp_journal(journal: Journal) -> erp.Journal:
    """Say a journal entry in Tryton's terms."""
    return erp.Journal(
        reference=journal.reference,
        date=journal.posting_date,
        description=journal.description,
        lines=tuple(
            erp.JournalLine(
                account_code=line.account_code,
                amount=Decimal(line.amount_cents) / 100,
                cost_center_code=line.cost_center_code,
                service_line_code=line.service_line_code,
            )
            for line in journal.lines
        ),
    )


def erp_issue(move: StockMove) -> erp.StockIssue:
    """Say a movement of goods in Tryton's terms."""
    return erp.StockIssue(
        reference=move.reference,
        date=move.posting_date,
        from_location_code=move.from_location,
        to_location_code=move.to_location,
        lines=tuple(
            erp.IssueLine(
                item_code=line.item_code,
                lot_number=line.lot_number,
                quantity=line.quantity,
            )
            for line in move.lines
        ),
    )


def erp_requisition(requisition: Requisition) -> erp.Requisition:
    """Say a requisition in Tryton's terms."""
    return erp.Requisition(
        reference=requisition.reference,
        date=requisition.posting_date,
        description=requisition.description,
        store_code=requisition.store,
        lines=tuple(
            erp.RequisitionLine(item_code=line.item_code, quantity=line.quantity)
            for line in requisition.lines
        ),
    )


def found(held: Held) -> FoundDocument:
    """Say in our terms what Tryton holds."""
    return FoundDocument(
        erp_document=held.number or f"draft {held.document_id}",
        is_effective=_is_effective(held),
        document=_document(held),
    )


def _is_effective(held: Held) -> bool:
    if isinstance(held, erp.PostedJournal):
        return held.is_posted
    return held.is_done if isinstance(held, erp.DoneIssue) else held.is_submitted


def _document(held: Held) -> Document:
    if isinstance(held, erp.PostedJournal):
        return _journal(held)
    return _move(held) if isinstance(held, erp.DoneIssue) else _requisition(held)


def _journal(held: erp.PostedJournal) -> Journal:
    return Journal(
        reference=held.reference,
        posting_date=held.date,
        lines=tuple(
            JournalLine(
                account_code=line.account_code,
                cost_center_code=line.cost_center_code,
                service_line_code=line.service_line_code,
                amount_cents=cents(line.amount),
            )
            for line in held.lines
        ),
    )


def _move(held: erp.DoneIssue) -> StockMove:
    return StockMove(
        reference=held.reference,
        posting_date=held.date,
        from_location=held.from_location_code,
        to_location=held.to_location_code,
        lines=tuple(
            StockLine(
                item_code=line.item_code,
                lot_number=line.lot_number,
                quantity=line.quantity,
                unit="",
            )
            for line in held.lines
        ),
    )


def _requisition(held: erp.SubmittedRequisition) -> Requisition:
    return Requisition(
        reference=held.reference,
        posting_date=held.date,
        lines=tuple(
            RequisitionLine(item_code=line.item_code, quantity=line.quantity, unit="")
            for line in held.lines
        ),
    )
