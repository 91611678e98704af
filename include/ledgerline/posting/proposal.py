"""A proposal: how differences become documents. Pure; the database is elsewhere."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerline.canonical.errors import Rejected
from ledgerline.canonical.money import cents
from ledgerline.posting.document import (
    PREFIX,
    Document,
    Journal,
    JournalLine,
    Requisition,
    RequisitionLine,
    StockLine,
    StockMove,
    content_sha256,
)

NAMESPACE = uuid.UUID("7f0f3a0c-53d1-5d6b-9a53-5e6f0d1c9a11")
LINE_LIMIT = 500


class EntryUnbalanced(Rejected):
    """Published journal lines do not balance; nothing was proposed."""

    code = "UNBALANCED"


@dataclass(frozen=True, kw_only=True)
class Group:
    """What one document may hold together. `store` is empty for journals."""

    document_kind: str
    facility_code: str
    posting_date: date
    hold_class: str
    store: str = ""

    @property
    def stem(self) -> str:
        """The natural key without its version."""
        parts = [
            self.document_kind,
            self.facility_code,
            self.posting_date.isoformat(),
            self.hold_class or "-",
        ]
        return "|".join([*parts, self.store] if self.store else parts)

    @property
    def order_key(self) -> str:
        """Documents of one facility, kind and store follow each other.

        What is held for good stays apart, or it would block the clean ones.
        """
        parts = [self.facility_code, self.document_kind, self.store, self.hold_class]
        return "|".join(part for part in parts if part)

    @property
    def description(self) -> str:
        """The text that people read in the ERP."""
        words = self.document_kind.replace("_", " ").capitalize()
        return f"{words} {self.facility_code} {self.posting_date.isoformat()}"


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """An entry that is proposed: its group, its version and its document.

    `reverses` is the entry that it takes back, if it is a reversal.
    """

    group: Group
    version: int
    natural_key: str
    document: Document
    reverses: uuid.UUID | None = None

    @property
    def entry_id(self) -> uuid.UUID:
        """The same natural key always has the same id."""
        return uuid.uuid5(NAMESPACE, self.natural_key)

    @property
    def payload_sha256(self) -> str:
        """Hash of what the ERP will have to hold."""
        return content_sha256(self.document)


@dataclass(frozen=True, kw_only=True)
class JournalDifference:
    """What is missing (or too much) on one account and its cost objects."""

    group: Group
    account_code: str
    cost_center_code: str
    service_line_code: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class StockDifference:
    """What still has to be issued of one item and lot, or returned when negative."""

    group: Group
    item_code: str
    lot_number: str
    unit: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class RequisitionDifference:
    """What a store still has to ask for of one item."""

    group: Group
    item_code: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class StockPart:
    """The lines of one stock document and the way they go."""

    from_location: str
    to_location: str
    lines: tuple[StockLine, ...]


@dataclass(frozen=True, kw_only=True)
class RequisitionPart:
    """The lines of one requisition."""

    lines: tuple[RequisitionLine, ...]


Part = tuple[JournalLine, ...] | StockPart | RequisitionPart


def new_entries(
    journal: Iterable[JournalDifference],
    stock: Iterable[StockDifference],
    consumption_location: str,
    versions: Mapping[str, int],
    open_dates: Mapping[date, date] | None = None,
    requisitions: Iterable[RequisitionDifference] = (),
) -> Iterator[NewEntry]:
    """Make the entries for these differences; `versions` are the newest per stem.

    `open_dates` says where the ERP takes a document of a day whose period it closed; a
    requisition books nothing, so no period is closed to it.
    """
    newest = dict(versions)
    drafts = [
        *_journal_parts(journal),
        *_stock_parts(stock, consumption_location),
        *_requisition_parts(requisitions),
    ]
    for group, part in drafts:
        version = newest[group.stem] = newest.get(group.stem, 0) + 1
        natural_key = f"{group.stem}|v{version}"
        day = group.posting_date
        if not isinstance(part, RequisitionPart):
            day = (open_dates or {}).get(day, day)
        document = _document(group, PREFIX + natural_key, part, day)
        yield NewEntry(
            group=group, version=version, natural_key=natural_key, document=document
        )


def _document(group: Group, reference: str, part: Part, day: date) -> Document:
    if isinstance(part, StockPart):
        return StockMove(
            reference=reference,
            posting_date=day,
            description=group.description,
            store=group.store,
            from_location=part.from_location,
            to_location=part.to_location,
            lines=part.lines,
        )
    if isinstance(part, RequisitionPart):
        return Requisition(
            reference=reference,
            posting_date=day,
            description=f"{group.description} {group.store}",
            store=group.store,
            lines=part.lines,
        )
    return Journal(
        reference=reference,
        posting_date=day,
        description=group.description,
        lines=part,
    )


def _journal_parts(
    rows: Iterable[JournalDifference],
) -> Iterator[tuple[Group, Part]]:
    groups: dict[Group, list[JournalLine]] = defaultdict(list)
    for row in rows:
        line = JournalLine(
            account_code=row.account_code,
            cost_center_code=row.cost_center_code,
            service_line_code=row.service_line_code,
            amount_cents=cents(row.amount),
        )
        groups[row.group].append(line)
    for group, lines in groups.items():
        off = sum(line.amount_cents for line in lines)
        if off:
            raise EntryUnbalanced(
                f"the published journal lines of {group.stem} are off by "
                f"{Decimal(off) / 100}; correct outbound.out_journal_line and publish "
                "again. Nothing was proposed"
            )
        for part in split_balanced(lines):
            yield group, part


def split_balanced(
    lines: Sequence[JournalLine], limit: int = LINE_LIMIT
) -> list[tuple[JournalLine, ...]]:
    """Cut a long entry into balanced parts of at most `limit` lines.

    Only an entry with exactly one line free of cost objects, its control account, is
    cut: each part gets its share of that line. Any other entry stays whole.
    """
    control = [
        line
        for line in lines
        if not line.cost_center_code and not line.service_line_code
    ]
    if len(lines) <= limit or len(control) != 1:
        return [tuple(lines)]
    others = [line for line in lines if line is not control[0]]
    parts = []
    for start in range(0, len(others), limit - 1):
        chunk = others[start : start + limit - 1]
        balance = -sum(line.amount_cents for line in chunk)
        account = control[0].account_code
        share = JournalLine(account_code=account, amount_cents=balance)
        parts.append((*chunk, share) if balance else tuple(chunk))
    return parts


def _stock_parts(
    rows: Iterable[StockDifference], consumption: str
) -> Iterator[tuple[Group, Part]]:
    groups: dict[tuple[Group, bool], list[StockLine]] = defaultdict(list)
    for row in rows:
        is_issue = row.quantity > 0
        line = StockLine(
            item_code=row.item_code,
            lot_number=row.lot_number,
            quantity=abs(row.quantity),
            unit=row.unit,
            amount_cents=cents(row.amount if is_issue else -row.amount),
        )
        groups[row.group, is_issue].append(line)
    for (group, is_issue), lines in groups.items():
        route = (group.store, consumption) if is_issue else (consumption, group.store)
        yield (
            group,
            StockPart(from_location=route[0], to_location=route[1], lines=tuple(lines)),
        )


def _requisition_parts(
    rows: Iterable[RequisitionDifference],
) -> Iterator[tuple[Group, Part]]:
    groups: dict[Group, list[RequisitionLine]] = defaultdict(list)
    for row in rows:
        line = RequisitionLine(
            item_code=row.item_code, quantity=row.quantity, unit=row.unit
        )
        groups[row.group].append(line)
    for group, lines in groups.items():
        yield group, RequisitionPart(lines=tuple(lines))
