"""What is stuck between an event and the ledger, as tables for a terminal."""

from __future__ import annotations

from rich.console import Console

from ledgerline.events.workflow import repository
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import Connection, connect


def print_stuck(dsn: str) -> None:
    """Print what is overdue or given up, and what handlers have left to do."""
    out = Console(width=WIDTH, highlight=False)
    with connect(dsn) as connection:
        if not show_stuck(out, connection):
            out.print("Nothing is stuck, and no event waits")


def show_stuck(out: Console, connection: Connection) -> bool:
    """Print the tables that have rows; return whether one has."""
    stuck = repository.stuck(connection)
    if stuck:
        overdue = ("Overdue", "Owner", "Count", "Since", "What", "Next")
        out.print(table("Stuck work", overdue, stuck))
    queues = repository.queues(connection)
    if queues:
        left = ("Handler", "Events wait", "Tried again", "Given up", "Since")
        out.print(table("Queues of events", left, queues))
    return bool(stuck or queues)
