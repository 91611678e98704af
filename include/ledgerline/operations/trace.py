"""Trace an ERP document or an entry back to the bytes it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console

from ledgerline.operations import repository
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import Connection, connect


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


def _trace(connection: Connection, identifier: str, limit: int) -> Trace | None:
    entry = repository.entry(connection, identifier)
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
    entry_id, key, state, document, amount, publication, verdict, attempts = found.entry
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
