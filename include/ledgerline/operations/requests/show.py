"""Requests, as tables for a terminal."""

from __future__ import annotations

from rich.console import Console

from ledgerline.operations.requests import repository
from ledgerline.operations.requests.decide import require
from ledgerline.operations.requests.request import Action, Request
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import connect

_ACCRUED = ("Why", "Facility", "Account", "Cost center", "Service line", "USD")
_EFFECTS = {
    Action.REPLAY: "the next run of post_to_erp reads the ERP back, then sends",
    Action.WAIVE: "the documents behind it go with the next run of post_to_erp",
    Action.OVERRIDE: "the entry is POSTED; run reconcile_ledgers to see it agree",
    Action.COMPENSATE: "the reversal is proposed and goes with the next post_to_erp",
    Action.WAIVE_CHECK: "run decide_gate again: the check passes once, for its rows",
    Action.CLOSE_MONTH: "the accruals go with the next post_to_erp; then seal it",
}


def print_requests(dsn: str) -> None:
    """Print every request that nobody decided."""
    with connect(dsn) as connection:
        rows = [
            (
                *(each.request_id, _words(each.action), len(each.subjects)),
                *(each.amount, each.requested_by, each.expires_at, each.reason),
            )
            for each in repository.find(connection, None)
        ]
    headers = ("Request", "Action", "Covers", "USD", "Asked by", "Expires", "Reason")
    Console(width=WIDTH, highlight=False).print(
        table("Waiting for approval", headers, rows)
    )


def print_request(dsn: str, number: int) -> None:
    """Print a request and what it covers, as it stands now."""
    out = Console(width=WIDTH, highlight=False)
    with connect(dsn) as connection:
        request = require(connection, number)
        rows = repository.described(connection, number)
        accruals = repository.accruals(connection, number)
    out.print(
        f"Request {number}: {_words(request.action)}, asked by "
        f"{request.requested_by}: {_state(request)}",
        markup=False,
    )
    out.print(f"Reason: {request.reason}", markup=False)
    if request.erp_document:
        out.print(f"ERP document: {request.erp_document}", markup=False)
    if request.action is Action.WAIVE_CHECK:
        out.print(f"Check: {', '.join(request.subjects)}", markup=False)
        return
    if request.action is Action.CLOSE_MONTH:
        months = ", ".join(request.subjects)
        if accruals:
            out.print(table(f"What it accrues in {months}", _ACCRUED, accruals))
        else:
            out.print(f"It accrues nothing in {months}")
        return
    headers = ("Entry", "State", "USD", "ERP document", "Last error")
    out.print(table("What it covers", headers, rows))


def print_approval(request: Request) -> None:
    """Print what was approved and what happens next."""
    Console(width=WIDTH, highlight=False).print(
        f"request {request.request_id} is approved ({_words(request.action)}, "
        f"{len(request.subjects)} covered, {request.amount:,.2f} USD): "
        f"{_EFFECTS[request.action]}",
        markup=False,
    )


def _state(request: Request) -> str:
    if request.state == "proposed":
        return f"to be approved by {request.expires_at:%Y-%m-%d %H:%M %Z}"
    return f"{request.state} by {request.decided_by}"


def _words(action: Action) -> str:
    return action.replace("_", " ")
