"""The documents that we write into Tryton and read back: nouns only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# Account code, cost center code, service line code.
JournalKey = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """One line of a journal entry: debit positive, credit negative, in dollars."""

    account_code: str
    amount: Decimal
    cost_center_code: str = ""
    service_line_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Journal:
    """A journal entry to post; its lines must sum to zero."""

    reference: str
    date: dt.date
    description: str
    lines: tuple[JournalLine, ...]


@dataclass(frozen=True, kw_only=True)
class PostedJournal:
    """A journal entry as the ERP holds it, analytic lines included."""

    document_id: int
    number: str
    reference: str
    date: dt.date
    period: str
    state: str
    lines: tuple[JournalLine, ...]

    @property
    def is_posted(self) -> bool:
        """False for a draft, which counts in no balance: finish or discard it."""
        return self.state == "posted"

    @property
    def debit_amount(self) -> Decimal:
        """Total of the debits."""
        return sum((max(line.amount, Decimal(0)) for line in self.lines), Decimal(0))

    def totals(self) -> Mapping[JournalKey, Decimal]:
        """Sum the lines by account, cost center and service line."""
        return line_totals(self.lines)


def line_totals(lines: tuple[JournalLine, ...]) -> dict[JournalKey, Decimal]:
    """Sum lines by account and cost objects; equal totals mean equal documents."""
    totals: dict[JournalKey, Decimal] = {}
    for line in lines:
        key = (line.account_code, line.cost_center_code, line.service_line_code)
        totals[key] = totals.get(key, Decimal(0)) + line.amount
    return totals


@dataclass(frozen=True, kw_only=True)
class IssueLine:
    """Units of an item, and of a lot if it is tracked, taken out of a store."""

    item_code: str
    quantity: Decimal
    lot_number: str = ""


@dataclass(frozen=True, kw_only=True)
class StockIssue:
    """A stock issue to do: from one store to where consumption goes."""

    reference: str
    date: dt.date
    from_location_code: str
    to_location_code: str
    lines: tuple[IssueLine, ...]


@dataclass(frozen=True, kw_only=True)
class DoneIssue:
    """A stock issue as the ERP holds it."""

    document_id: int
    number: str
    reference: str
    date: dt.date
    from_location_code: str
    to_location_code: str
    state: str
    lines: tuple[IssueLine, ...]

    @property
    def is_done(self) -> bool:
        """False while the stock has not moved: finish or discard it."""
        return self.state == "done"

    def quantities(self) -> Mapping[tuple[str, str], Decimal]:
        """Sum the lines by item and lot; the ERP may split a line to assign it."""
        result: dict[tuple[str, str], Decimal] = {}
        for line in self.lines:
            key = (line.item_code, line.lot_number)
            result[key] = result.get(key, Decimal(0)) + line.quantity
        return result


@dataclass(frozen=True, kw_only=True)
class RequisitionLine:
    """Units of an item that are asked for."""

    item_code: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class Requisition:
    """Goods to ask the buyers for: the day of the need and the store that has it."""

    reference: str
    date: dt.date
    description: str
    store_code: str
    lines: tuple[RequisitionLine, ...]


@dataclass(frozen=True, kw_only=True)
class SubmittedRequisition:
    """A requisition as the ERP holds it, whatever its buyer made of it."""

    document_id: int
    number: str
    reference: str
    date: dt.date
    state: str
    lines: tuple[RequisitionLine, ...]

    @property
    def is_submitted(self) -> bool:
        """False for a draft, which no buyer looks at: finish or discard it."""
        return self.state != "draft"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the ERP said when it finished a document: its id, number and state.

    A receipt exists only for a 2xx answer, which Tryton sends after its commit.
    """

    document_id: int
    number: str
    state: str
