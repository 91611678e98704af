"""A comparison: balances by key, their differences, and the breaks' names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from ledgerline.posting.command import State
from ledgerline.posting.document import (
    Document,
    Journal,
    Requisition,
    content_sha256,
    facility_of,
)
from ledgerline.posting.port import FoundDocument

Scope = Literal["source", "account", "cost_object", "stock", "requisition", "document"]
SOURCE_WAREHOUSE = "source:warehouse"
WAREHOUSE_OUTBOX = "warehouse:outbox"
OUTBOX_LEDGER = "outbox:ledger"
LEDGER_ERP = "ledger:erp"
BREAKS = {
    SOURCE_WAREHOUSE: "NOT_CONFORMED",
    WAREHOUSE_OUTBOX: "NOT_PROPOSED",
    OUTBOX_LEDGER: "NOT_POSTED",
    LEDGER_ERP: "ERP_DIFFERS",
}
MOVING = {State.HELD, State.READY, State.CLAIMED, State.SENDING, State.UNKNOWN}
IN_DOUBT = {State.SENDING, State.UNKNOWN}
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True, order=True)
class Key:
    """What a balance is of. `period` is yyyy-mm; `subject` depends on the scope."""

    scope: Scope
    facility_code: str
    period: str
    account_code: str = ""
    subject: str = ""
    unit: str = "USD"


Balance = Mapping[Key, Decimal]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One key in two systems. `break_name` is empty when they agree."""

    key: Key
    system_pair: str
    left: Decimal
    right: Decimal
    in_flight: Decimal = ZERO
    break_name: str = ""

    @property
    def difference(self) -> Decimal:
        """What nothing explains."""
        return self.left - self.right - self.in_flight


@dataclass(frozen=True, kw_only=True)
class EntryMark:
    """An entry as the outbox knows it; `is_recent` when posted during the sweep."""

    reference: str
    state: State
    erp_document: str | None
    content_sha256: str
    total_cents: int
    is_recent: bool


def add(*balances: Balance) -> Balance:
    """Sum balances key by key."""
    total: dict[Key, Decimal] = defaultdict(Decimal)
    for balance in balances:
        for key, amount in balance.items():
            total[key] += amount
    return total


def negative(balance: Balance) -> Balance:
    """Turn every sign."""
    return {key: -amount for key, amount in balance.items()}


def compare(
    pair: str, left: Balance, right: Balance, in_flight: Balance
) -> Iterator[Line]:
    """Set two systems side by side; what is in flight explains its part."""
    for key in sorted(left.keys() | right.keys()):
        line = Line(
            key=key,
            system_pair=pair,
            left=left.get(key, ZERO),
            right=right.get(key, ZERO),
            in_flight=in_flight.get(key, ZERO),
            break_name="",
        )
        if line.difference:
            yield Line(**{**vars(line), "break_name": BREAKS[pair]})
        elif line.left or line.right:
            yield line


def balance_of(documents: Iterable[Document], consumption_location: str) -> Balance:
    """Sum documents by account, cost object, item in a store, and item asked for."""
    total: dict[Key, Decimal] = defaultdict(Decimal)
    for document in documents:
        for key, amount in _parts(document, consumption_location):
            total[key] += amount
    return total


def _parts(document: Document, consumption: str) -> Iterator[tuple[Key, Decimal]]:
    facility = facility_of(document.reference)
    period = f"{document.posting_date:%Y-%m}"
    if isinstance(document, Journal):
        yield from _journal_parts(document, facility, period)
        return
    if isinstance(document, Requisition):
        yield from _requisition_parts(document, facility)
        return
    is_return = document.from_location == consumption
    store = document.to_location if is_return else document.from_location
    for item in document.lines:
        key = Key(
            scope="stock",
            facility_code=facility,
            period=period,
            subject=f"{store}|{item.item_code}|{item.lot_number}",
            unit="u",
        )
        yield key, -item.quantity if is_return else item.quantity


def _journal_parts(
    journal: Journal, facility: str, period: str
) -> Iterator[tuple[Key, Decimal]]:
    """Give each line twice: by account, and by account and cost object."""
    for line in journal.lines:
        amount = Decimal(line.amount_cents) / 100
        account = Key(
            scope="account",
            facility_code=facility,
            period=period,
            account_code=line.account_code,
        )
        yield account, amount
        subject = f"{line.cost_center_code}|{line.service_line_code}"
        yield replace(account, scope="cost_object", subject=subject), amount


def _requisition_parts(
    requisition: Requisition, facility: str
) -> Iterator[tuple[Key, Decimal]]:
    """Give each item; what a hospital has asked for belongs to no period."""
    for line in requisition.lines:
        key = Key(
            scope="requisition",
            facility_code=facility,
            period="",
            subject=line.item_code,
            unit="u",
        )
        yield key, line.quantity


def sweep(
    entries: Mapping[str, EntryMark], documents: Iterable[FoundDocument]
) -> Iterator[Line]:
    """Hold entries and effective ERP documents against each other, both ways."""
    found: dict[str, list[FoundDocument]] = defaultdict(list)
    for document in documents:
        if document.is_effective:
            found[document.document.reference].append(document)
    for reference in sorted(entries.keys() | found.keys()):
        held = found.get(reference, [])
        name = _document_break(entries.get(reference), held)
        if name:
            yield _document_line(reference, entries.get(reference), held, name)


def _document_break(entry: EntryMark | None, held: list[FoundDocument]) -> str:
    if entry is None or entry.state is not State.POSTED:
        is_explained = entry is not None and entry.state in IN_DOUBT
        return "" if not held or is_explained else "ERP_UNEXPECTED"
    if not held:
        return "" if entry.is_recent else "ERP_MISSING"
    if len(held) > 1:
        return "ERP_DOUBLED"
    is_same = content_sha256(held[0].document) == entry.content_sha256
    is_same_number = held[0].erp_document == entry.erp_document
    return {(False, True): "CONTENT_DIFFERS", (True, True): ""}.get(
        (is_same, is_same_number), "NUMBER_DIFFERS"
    )


def _document_line(
    reference: str, entry: EntryMark | None, held: list[FoundDocument], name: str
) -> Line:
    ours = entry.total_cents if entry and entry.state is State.POSTED else 0
    theirs = sum(document.document.total_cents for document in held)
    return Line(
        key=Key(
            scope="document",
            facility_code=facility_of(reference),
            period="",
            subject=reference,
        ),
        system_pair=LEDGER_ERP,
        left=Decimal(ours) / 100,
        right=Decimal(theirs) / 100,
        break_name=name,
    )
