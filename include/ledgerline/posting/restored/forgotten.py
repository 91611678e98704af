"""A document that the ERP holds and the warehouse forgot, as an entry again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ledgerline.posting.document import (
    PREFIX,
    Document,
    Requisition,
    RequisitionLine,
    StockLine,
    StockMove,
)
from ledgerline.posting.proposal import Group, NewEntry


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What is published of an item and lot: its unit and the value of one, in cents."""

    unit: str
    unit_cents: Decimal


UNKNOWN = Issued(unit="", unit_cents=Decimal(0))
Published = Mapping[tuple[str, str], Issued]
"""By item and lot."""


def group_of(reference: str) -> tuple[Group, int] | None:
    """Read a reference of ours: its group and version; None when it is none."""
    parts = reference.removeprefix(PREFIX).split("|")
    version = parts.pop().removeprefix("v")
    if not reference.startswith(PREFIX) or len(parts) not in {4, 5}:
        return None
    kind, facility, day, hold_class, *store = parts
    try:
        return (
            Group(
                document_kind=kind,
                facility_code=facility,
                posting_date=date.fromisoformat(day),
                hold_class="" if hold_class == "-" else hold_class,
                store=store[0] if store else "",
            ),
            int(version),
        )
    except ValueError:
        return None


def entry_of(document: Document, published: Published) -> NewEntry | None:
    """Make the entry of a document found; None when its reference is not ours."""
    read = group_of(document.reference)
    if read is None:
        return None
    group, version = read
    return NewEntry(
        group=group,
        version=version,
        natural_key=document.reference.removeprefix(PREFIX),
        document=_completed(document, group, published),
    )


def _completed(document: Document, group: Group, published: Published) -> Document:
    """Say again what an ERP need not keep: store, description, unit and value."""
    words = document.description or group.description
    if isinstance(document, StockMove):
        moved = tuple(_valued(line, published) for line in document.lines)
        return replace(document, store=group.store, description=words, lines=moved)
    if isinstance(document, Requisition):
        words = document.description or f"{group.description} {group.store}"
        asked = tuple(_in_units(line, published) for line in document.lines)
        return replace(document, store=group.store, description=words, lines=asked)
    return replace(document, description=words)


def _valued(line: StockLine, published: Published) -> StockLine:
    known = published.get((line.item_code, line.lot_number), UNKNOWN)
    value = line.amount_cents or round(line.quantity * known.unit_cents)
    return replace(line, unit=line.unit or known.unit, amount_cents=value)


def _in_units(line: RequisitionLine, published: Published) -> RequisitionLine:
    known = published.get((line.item_code, ""), UNKNOWN)
    return replace(line, unit=line.unit or known.unit)
