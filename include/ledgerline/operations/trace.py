"""Trace a document back to the bytes it came from, or an encounter along its chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.lineage.chain import Chain, Link, chains
from ledgerline.operations import repository
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import Connection, connect

_CARRIERS = ("entry", "supply_issue", "erp_document", "publication")
"""Links that carry many facts: shown once, with the sum of what they carry."""


class DocumentAmbiguous(Rejected):
    """The ERP gave this number to documents of several types."""

    code = "DOCUMENT_AMBIGUOUS"


@dataclass(frozen=True, kw_only=True)
class Trace:
    """An entry and, fact by fact, where its amounts were read.

    A source is (fact, amount in USD, event date, file, byte offset, length, SHA-256 of
    the file); the offset counts from the start of the decompressed file.
    """

    entry: tuple[Any, ...]
    sources: Sequence[tuple[Any, ...]]
    source_count: int


def trace(dsn: str, identifier: str, limit: int = 20) -> Trace | None:
    """Find an entry by entry id, natural key or ERP document number."""
    with connect(dsn) as connection, connection.transaction():
        return _trace(connection, identifier, limit)


def find_entry(connection: Connection, identifier: str) -> tuple[Any, ...] | None:
    """Return the entry of an entry id, natural key, external reference or ERP number.

    Raises DocumentAmbiguous where the ERP gave a number to several.
    """
    found = repository.entries(connection, identifier)
    if len(found) > 1:
        named = "; ".join(f"{row[8]} LL|{row[1]}" for row in found)
        raise DocumentAmbiguous(
            f"the ERP numbered {len(found)} documents {identifier}: {named}; give the "
            "external reference, from LL| on"
        )
    return found[0] if found else None


def _trace(connection: Connection, identifier: str, limit: int) -> Trace | None:
    entry = find_entry(connection, identifier)
    if entry is None:
        return None
    sources = repository.entry_sources(connection, entry[0])
    return Trace(entry=entry, sources=sources[:limit], source_count=len(sources))


def print_trace(dsn: str, identifier: str, limit: int = 20) -> bool:
    """Print an entry, its publication and verdict, and the sources of its amounts.

    Returns False, and prints nothing, when no entry has this identifier.
    """
    out = Console(width=WIDTH, highlight=False)
    found = trace(dsn, identifier, limit)
    if found is None:
        return False
    entry_id, key, state, document, amount, publication, verdict, attempts, _ = (
        found.entry
    )
    out.print(f"Entry {entry_id} ({key})")
    out.print(f"  {state}, ERP document {document or 'none'}, {amount:,.2f} USD")
    out.print(
        f"  publication {publication} with verdict {verdict}, {attempts} attempt(s)\n"
    )
    headers = ("Fact", "Amount USD", "Date", "File", "Offset", "Bytes", "SHA-256")
    rows = [(*row[:6], row[6][:12]) for row in found.sources]
    out.print(table("Where the amounts come from", headers, rows))
    if found.source_count > limit:
        total = sum((row[1] for row in found.sources), Decimal())
        out.print(
            f"{limit} of {found.source_count} facts shown ({total:,.2f} USD); "
            "use --limit to see more"
        )
    return True


def print_chains(dsn: str, identifier: str, limit: int = 20) -> bool:
    """Print the chain of an encounter, a visit, an account or a claim.

    What is missing or waits comes first and whole, with who acts. Returns False, and
    prints nothing, when nothing is correlated under this identifier.
    """
    out = Console(width=WIDTH, highlight=False)
    found = chains(dsn, identifier)
    for chain in found:
        _print_chain(out, chain, limit)
    return bool(found)


def _print_chain(out: Console, chain: Chain, limit: int) -> None:
    accounts = ", ".join(chain.account_numbers)
    out.print(f"{'; '.join(chain.names)}", markup=False)
    out.print(f"  account {accounts or 'none'}, correlation id {chain.correlation_id}")
    absent = [each for each in chain.links if each.state != "present"]
    present = _carried_once([each for each in chain.links if each.state == "present"])
    out.print(f"  {len(present)} links are there, {len(absent)} missing or waiting\n")
    if absent:
        headers = ("Link", "Of", "State", "Amount USD", "What", "Owner", "Next")
        rows = [_absence(each) for each in absent]
        out.print(table("Missing or waiting", headers, rows))
    shown = [
        (each.link, each.natural_key, each.amount, each.happened_at, _place(each))
        for each in present[:limit]
    ]
    columns = ("Link", "Known as", "Amount USD", "Date", "Where, or what")
    out.print(table("The chain", columns, shown))
    if len(present) > limit:
        out.print(f"{limit} of {len(present)} links shown; use --limit to see more")


def _absence(link: Link) -> tuple[object, ...]:
    return (
        *(link.link, link.natural_key or link.parent_key, link.state, link.amount),
        *(link.detail, link.owner, link.next_action),
    )


def _place(link: Link) -> str:
    if link.file_name is None:
        return link.detail
    return f"{link.file_name}@{link.byte_offset} {link.detail}".rstrip()


def _carried_once(links: Sequence[Link]) -> list[Link]:
    """Fold the links of many facts to one carrier; sums hold for its facts alone."""
    seen: dict[tuple[str, str | None], Link] = {}
    for each in links:
        is_carrier = each.link in _CARRIERS
        key = (each.link, each.natural_key if is_carrier else f"{len(seen)}|")
        known = seen.get(key)
        if known is None:
            seen[key] = each
        elif each.link in ("entry", "supply_issue"):
            amount = (known.amount or Decimal()) + (each.amount or Decimal())
            seen[key] = replace(known, amount=amount)
    return list(seen.values())
