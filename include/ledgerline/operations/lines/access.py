"""Give a service line to a director, take it away, say who sees which."""

from __future__ import annotations

from rich.console import Console

from ledgerline.operations.lines import repository
from ledgerline.operations.lines.repository import AccessRefused
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import connect


def give(dsn: str, director: str, line: str, by: str) -> int:
    """Propose that a director sees a line; nothing happens before an approval."""
    with repository.refusing(), connect(dsn) as connection:
        if not repository.is_known(connection, line):
            raise AccessRefused(
                f"there is no service line {line}; reference.service_line has the "
                "codes, once a build has loaded them"
            )
        return repository.propose(connection, director, line, is_given=True, by=by)


def take(dsn: str, director: str, line: str, by: str) -> None:
    """Take a line away from a director, at once."""
    with repository.refusing(), connect(dsn) as connection:
        if (director, line) not in repository.held(connection):
            raise AccessRefused(
                f"{director} does not see {line}; `ledgerline lines list` says who "
                "sees what"
            )
        repository.propose(connection, director, line, is_given=False, by=by)


def decide(dsn: str, number: int, state: str, by: str) -> tuple[str, str]:
    """Approve or reject what was proposed; return the director and the line."""
    with repository.refusing(), connect(dsn) as connection:
        decided = repository.decide(connection, number, state, by)
    if decided is None:
        raise AccessRefused(
            f"nothing of number {number} was proposed; `ledgerline lines list` names "
            "what waits"
        )
    return decided


def directors(dsn: str) -> list[str]:
    """Return the accounts of directors who see a line now."""
    with connect(dsn) as connection:
        return sorted({director for director, _ in repository.held(connection)})


def print_lines(dsn: str) -> None:
    """Print who sees which line, and what waits for a second person."""
    out = Console(width=WIDTH, highlight=False)
    with connect(dsn) as connection:
        held, waiting = repository.held(connection), repository.waiting(connection)
    out.print(table("Lines of directors", ("Director", "Service line"), held))
    if waiting:
        headers = ("Number", "Director", "Service line", "Proposed by", "Expires")
        out.print(table("Waiting for approval", headers, waiting))
