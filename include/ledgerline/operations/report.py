"""The result of a run, as tables for a terminal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from rich.console import Console

from ledgerline.events.references import missing
from ledgerline.landing.door.drift import open_drift
from ledgerline.operations import repository
from ledgerline.operations.exceptions.stuck import show_stuck
from ledgerline.operations.gate.show import print_gate
from ledgerline.operations.table import WIDTH, table
from ledgerline.reconciliation.reconcile import ReconciliationReport
from ledgerline.store.engine import Connection, connect, is_there


def print_report(dsn: str, since: datetime, console: Console | None = None) -> bool:
    """Print what came in, what was held, posted and reconciled since `since`.

    Returns whether the newest reconciliation, if any, ends at 0.00.
    """
    out = console or Console(width=WIDTH, highlight=False)
    with connect(dsn) as connection, connection.transaction():
        _print_landing(out, connection, since)
        print_gate(out, connection)
        is_even = _print_posting(out, connection, since)
        show_stuck(out, connection)
        _print_service_lines(out, connection)
    return is_even


def print_reconciliation(report: ReconciliationReport) -> None:
    """Print what one reconciliation compared, and every break."""
    out = Console(width=WIDTH, highlight=False)
    out.print(
        f"Reconciliation {report.run_id} over publication "
        f"{report.publication_id or 'none'}: {report.compared} lines compared, "
        f"{report.documents} ERP documents read, difference "
        f"{report.difference_amount:.2f} USD, on their way "
        f"{report.in_flight_amount:.2f} USD"
    )
    if report.breaks:
        headers = ("Break", "Systems", "Facility", "Period", "Where", "Off by USD")
        rows = [
            (
                *(line.break_name, line.system_pair, line.key.facility_code),
                *(line.key.period, line.key.account_code or line.key.subject),
                line.difference,
            )
            for line in report.breaks
        ]
        out.print(table("Breaks", headers, rows))


def print_missing(dsn: str) -> None:
    """Print what references point at that has not landed."""
    with connect(dsn) as connection:
        _print_missing(Console(width=WIDTH, highlight=False), connection)


def _print_landing(out: Console, connection: Connection, since: datetime) -> None:
    headers = ("Source", "Batches", "Received", "Landed", "Quarantined", "Duplicate")
    out.print(table("What came in", headers, repository.landed(connection, since)))
    refused = repository.quarantined(connection)
    if refused:
        headers = ("Source", "Class", "Type", "Count", "Where (first)", "Why")
        out.print(table("In quarantine", headers, refused))
    _print_missing(out, connection)
    _print_drift(out, connection)


def _print_missing(out: Console, connection: Connection) -> None:
    headers = ("Source", "Type", "Refers to", "References", "Resources missing", "Why")
    whys = {True: "not landed yet", False: "no source delivers this type"}
    rows = [(*row, whys[is_delivered]) for *row, is_delivered in missing(connection)]
    if rows:
        out.print(table("References to what has not landed", headers, rows))


def _print_drift(out: Console, connection: Connection) -> None:
    headers = ("Source", "Entity", "Property", "Records", "First seen", "Where (first)")
    drift = [
        (
            each.source,
            each.entity,
            each.name,
            each.record_count,
            each.first_seen,
            each.example_locator,
        )
        for each in open_drift(connection)
    ]
    if drift:
        out.print(table("Beyond the contracts (warning)", headers, drift))


def _print_posting(out: Console, connection: Connection, since: datetime) -> bool:
    documents = repository.documents(connection, since)
    headers = ("Document", "New", "Posted", "Amount USD", "First", "Last", "Not posted")
    out.print(table("ERP documents", headers, documents))
    out.print(f"New ERP documents in this run: {sum(row[1] for row in documents)}\n")
    waiting = repository.open_entries(connection)
    if waiting:
        states = ("State", "Held for", "Entries", "Amount USD")
        out.print(table("Not posted", states, waiting))
    codes = repository.missing_codes(connection)
    if codes:
        lacks = ("Kind", "Code", "Add it to the ERP's", "Owner", "Entries", "USD held")
        out.print(table("Codes that the ERP does not have", lacks, codes))
    breakers = repository.breakers(connection)
    if breakers:
        rests = ("ERP", "Breaker", "Calls failed", "Since", "Nothing is sent before")
        out.print(table("ERPs that do not answer", rests, breakers))
    pairs = repository.reconciliation(connection)
    if not pairs:
        out.print("Reconciliation: none has run yet\n")
        return True
    systems = ("Systems", "Lines compared", "Difference USD")
    out.print(table("Reconciliation", systems, pairs))
    difference = sum((row[2] for row in pairs), Decimal())
    out.print(f"Reconciliation difference: {difference:.2f}\n")
    return difference == 0


def _print_service_lines(out: Console, connection: Connection) -> None:
    if not is_there(connection, "marts.service_line_profitability"):
        out.print("Service lines: nothing is published yet\n")
        return
    rows = repository.service_lines(connection)
    headers = (
        "Service line",
        "Encounters",
        "Gross USD",
        "Net USD",
        "Cost USD",
        "Operating\nmargin USD",
    )
    totals = [("total", *(sum(column) for column in list(zip(*rows, strict=True))[1:]))]
    out.print(table("Service lines", headers, [*rows, *(totals if rows else [])]))
