"""What the buttons of the page do: ask, approve, land again. Each is on the audit."""

from __future__ import annotations

from collections.abc import Callable

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.landing.replay import Selection
from ledgerline.operations.exceptions import repository
from ledgerline.operations.exceptions.replaying import replay_chosen
from ledgerline.operations.health.repository import note
from ledgerline.operations.requests import decide
from ledgerline.operations.requests.request import Action, Ask
from ledgerline.store.engine import connect


def replay(dsn: str, exception_id: str, by: str, reason: str) -> str:
    """Land a quarantined record again, or ask for what an exception allows."""

    def act() -> str:
        with connect(dsn) as connection:
            found = repository.open_exception(connection, exception_id)
        commands = {each.command for each in found} - {""}
        if len(commands) != 1:
            return "It waits no longer, or there is nothing to command; look again."
        [command] = commands
        if command == "land":
            chosen = Selection(numbers=(int(exception_id),))
            report = replay_chosen(dsn, chosen, by).report
            return (
                f"{report.landed} records landed, {report.duplicate} were there, "
                f"{report.still_refused} still refused."
            )
        asked = Ask(
            action=Action(command), subjects=(exception_id,), by=by, reason=reason
        )
        number = decide.ask(dsn, asked)
        return f"Request {number} waits for another person's approval."

    return _noted(dsn, exception_id, "replay", by, act)


def approve(dsn: str, number: int, by: str) -> str:
    """Approve what another person asked for, and carry it out."""

    def act() -> str:
        done = decide.approve(dsn, number, by)
        return f"Request {done.request_id} is approved and carried out."

    return _noted(dsn, f"request {number}", "approve", by, act)


def reject(dsn: str, number: int, by: str) -> str:
    """Close a request without effect."""

    def act() -> str:
        decide.reject(dsn, number, by)
        return f"Request {number} is rejected."

    return _noted(dsn, f"request {number}", "reject", by, act)


def _noted(dsn: str, subject: str, action: str, by: str, act: Callable[[], str]) -> str:
    try:
        said, outcome = act(), "done"
    except LedgerlineError as error:
        said, outcome = f"Refused: {error}", error.code
    note(dsn, subject=subject, action=f"page_{action}", by=by, outcome=outcome)
    return said
