"""Ask for something; approve or reject what another person asked for."""

from __future__ import annotations

from ledgerline.operations.requests import repository
from ledgerline.operations.requests.compensate import reverse
from ledgerline.operations.requests.request import (
    Action,
    Ask,
    Request,
    RequestRefused,
)
from ledgerline.posting.command import State
from ledgerline.posting.repository import planning
from ledgerline.store.engine import Connection


def ask(dsn: str, wanted: Ask) -> int:
    """Store what a person asks for; return the number. Nothing happens yet."""
    with (
        repository.refusing(),
        planning.connection(dsn) as connection,
        connection.transaction(),
    ):
        return repository.insert(connection, wanted, _subjects(connection, wanted))


def approve(dsn: str, number: int, by: str) -> Request:
    """Approve a request and carry it out, in one transaction.

    Raises RequestRefused when the database forbids it: the approver asked for it or
    made an entry of it, it is a day old, decided, or not as it was.
    """
    with (
        repository.refusing(),
        planning.connection(dsn) as connection,
        connection.transaction(),
    ):
        request = require(connection, number)
        if request.action is Action.COMPENSATE:
            planning.lock_planning(connection)
        repository.decide(connection, number, "approved", by)
        if request.action is Action.COMPENSATE:
            reverse(connection, request)
        elif request.action is not Action.WAIVE_CHECK:
            repository.carry_out(connection, request)
    return request


def reject(dsn: str, number: int, by: str) -> None:
    """Close a request without effect; who asked may do so too."""
    with (
        repository.refusing(),
        planning.connection(dsn) as connection,
        connection.transaction(),
    ):
        require(connection, number)
        repository.decide(connection, number, "rejected", by)


def require(connection: Connection, number: int) -> Request:
    """Return a request; raises RequestRefused when there is none of this number."""
    found = repository.find(connection, number)
    if not found:
        raise RequestRefused(
            f"there is no request {number}; `ledgerline requests list` names the open "
            "ones"
        )
    return found[0]


def _subjects(connection: Connection, wanted: Ask) -> list[str]:
    if wanted.action in {Action.WAIVE_CHECK, Action.CLOSE_MONTH}:
        return list(wanted.subjects)
    found: dict[str, None] = {}
    for word in wanted.subjects:
        named = repository.entries(connection, wanted.action, word)
        is_state = word in {State.DEAD, State.CONFLICT}
        if not named or (len(named) > 1 and not is_state):
            raise RequestRefused(
                f"{len(named) or 'no'} entries are named {word}; give an entry id or "
                "a natural key, as `ledgerline trace` prints them"
            )
        found |= dict.fromkeys(named)
    return list(found)
