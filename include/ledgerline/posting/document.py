"""The documents that the ERP is asked to hold, and what makes two of them equal."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from ledgerline.canonical.errors import Rejected

PREFIX = "LL|"
JOURNAL = "journal"
STOCK_MOVE = "stock_move"
REQUISITION = "requisition"


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """One amount on one account and its cost objects; debit positive, in cents."""

    account_code: str
    cost_center_code: str = ""
    service_line_code: str = ""
    amount_cents: int


@dataclass(frozen=True, kw_only=True)
class StockLine:
    """A quantity of one item and lot; `lot_number` is empty when not tracked."""

    item_code: str
    lot_number: str = ""
    quantity: Decimal
    unit: str
    amount_cents: int = 0


@dataclass(frozen=True, kw_only=True)
class Journal:
    """A balanced journal entry. `reference` is ours, unique in the ERP."""

    reference: str
    posting_date: date
    description: str = ""
    lines: tuple[JournalLine, ...]
    document_type = JOURNAL

    @property
    def total_cents(self) -> int:
        """The sum of the debits."""
        return sum(max(line.amount_cents, 0) for line in self.lines)

    def content(self) -> list[Any]:
        """What must be equal in the ERP: amounts by account and cost objects."""
        sums: dict[tuple[str, ...], int] = defaultdict(int)
        for line in self.lines:
            key = (line.account_code, line.cost_center_code, line.service_line_code)
            sums[key] += line.amount_cents
        return sorted([*key, amount] for key, amount in sums.items() if amount)

    def payload(self) -> dict[str, Any]:
        """The document as JSON values."""
        return {
            "document_type": JOURNAL,
            "reference": self.reference,
            "posting_date": self.posting_date.isoformat(),
            "description": self.description,
            "lines": [
                {
                    "account_code": line.account_code,
                    "cost_center_code": line.cost_center_code,
                    "service_line_code": line.service_line_code,
                    "amount_cents": line.amount_cents,
                }
                for line in self.lines
            ],
        }


@dataclass(frozen=True, kw_only=True)
class StockMove:
    """Goods moved between two locations; quantities are positive."""

    reference: str
    posting_date: date
    description: str = ""
    store: str = ""
    from_location: str
    to_location: str
    lines: tuple[StockLine, ...]
    document_type = STOCK_MOVE

    @property
    def total_cents(self) -> int:
        """The value moved."""
        return sum(max(line.amount_cents, 0) for line in self.lines)

    def content(self) -> list[Any]:
        """What must be equal in the ERP: quantities by route, item and lot."""
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in self.lines:
            sums[line.item_code, line.lot_number] += line.quantity
        route = [self.from_location, self.to_location]
        return sorted(
            [*route, *key, f"{quantity:.4f}"] for key, quantity in sums.items()
        )

    def payload(self) -> dict[str, Any]:
        """The document as JSON values."""
        return {
            "document_type": STOCK_MOVE,
            "reference": self.reference,
            "posting_date": self.posting_date.isoformat(),
            "description": self.description,
            "store": self.store,
            "from_location": self.from_location,
            "to_location": self.to_location,
            "lines": [
                {
                    "item_code": line.item_code,
                    "lot_number": line.lot_number,
                    "quantity": f"{line.quantity:.4f}",
                    "unit": line.unit,
                    "amount_cents": line.amount_cents,
                }
                for line in self.lines
            ],
        }


@dataclass(frozen=True, kw_only=True)
class RequisitionLine:
    """Units of one item that a store needs."""

    item_code: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, kw_only=True)
class Requisition:
    """Goods that a store asks a buyer for; it moves neither goods nor money."""

    reference: str
    posting_date: date
    description: str = ""
    store: str = ""
    lines: tuple[RequisitionLine, ...]
    document_type = REQUISITION
    total_cents = 0

    def content(self) -> list[Any]:
        """What must be equal in the ERP: quantities by item."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            sums[line.item_code] += line.quantity
        return sorted([item, f"{quantity:.4f}"] for item, quantity in sums.items())

    def payload(self) -> dict[str, Any]:
        """The document as JSON values."""
        return {
            "document_type": REQUISITION,
            "reference": self.reference,
            "posting_date": self.posting_date.isoformat(),
            "description": self.description,
            "store": self.store,
            "lines": [
                {
                    "item_code": line.item_code,
                    "quantity": f"{line.quantity:.4f}",
                    "unit": line.unit,
                }
                for line in self.lines
            ],
        }


Document = Journal | StockMove | Requisition


class NotReversible(Rejected):
    """A document that has no opposite was to be taken back."""

    code = "NOT_REVERSIBLE"


def content_sha256(document: Document) -> str:
    """Hash what makes a document the same one, whatever order its lines are in."""
    content = [
        document.document_type,
        document.reference,
        document.posting_date.isoformat(),
        document.content(),
    ]
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def reversal_of(document: Document, reference: str, day: date) -> Document:
    """The equal and opposite of a document, under a reference and day of its own."""
    if isinstance(document, Requisition):
        raise NotReversible(
            f"{document.reference} asks for goods and has no opposite; have its buyer "
            "reject or cancel it in the ERP"
        )
    description = f"Reversal of {document.reference}"
    if isinstance(document, StockMove):
        return replace(
            document,
            reference=reference,
            posting_date=day,
            description=description,
            from_location=document.to_location,
            to_location=document.from_location,
        )
    lines = tuple(
        replace(line, amount_cents=-line.amount_cents) for line in document.lines
    )
    return replace(
        document,
        reference=reference,
        posting_date=day,
        description=description,
        lines=lines,
    )


def from_payload(payload: Mapping[str, Any]) -> Document:
    """Read back a document from the JSON values of `payload`."""
    posting_date = date.fromisoformat(payload["posting_date"])
    if payload["document_type"] == JOURNAL:
        return Journal(
            reference=payload["reference"],
            posting_date=posting_date,
            description=payload["description"],
            lines=tuple(JournalLine(**line) for line in payload["lines"]),
        )
    if payload["document_type"] == REQUISITION:
        return Requisition(
            reference=payload["reference"],
            posting_date=posting_date,
            description=payload["description"],
            store=payload["store"],
            lines=tuple(
                RequisitionLine(**{**line, "quantity": Decimal(line["quantity"])})
                for line in payload["lines"]
            ),
        )
    return StockMove(
        reference=payload["reference"],
        posting_date=posting_date,
        description=payload["description"],
        store=payload["store"],
        from_location=payload["from_location"],
        to_location=payload["to_location"],
        lines=tuple(
            StockLine(**{**line, "quantity": Decimal(line["quantity"])})
            for line in payload["lines"]
        ),
    )


def facility_of(reference: str) -> str:
    """The facility that a reference of ours names, or `` for a foreign one."""
    parts = reference.removeprefix(PREFIX).split("|")
    return parts[1] if reference.startswith(PREFIX) and len(parts) > 1 else ""
