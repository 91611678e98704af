"""One screen about the gate: verdict, dollars that wait, and what to do first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from ledgerline.operations.gate import repository
from ledgerline.operations.gate.repository import Held, Shown
from ledgerline.operations.table import WIDTH, table
from ledgerline.store.engine import Connection, connect

_MEANINGS = {
    "PASS": "all of it may be published and posted",
    "HOLD": "all but the held facilities may be published and posted",
    "BLOCK": "nothing is published or posted; readers keep what they see",
}


def show_gate(dsn: str) -> None:
    """Print the newest decision: what it means, what it holds, and why."""
    with connect(dsn) as connection, connection.transaction():
        print_gate(Console(width=WIDTH, highlight=False), connection)


def print_gate(out: Console, connection: Connection) -> None:
    """Print the newest decision on a terminal."""
    found = repository.decision(connection)
    if found is None:
        out.print("Gate: no decision yet\n")
        return
    _print_verdict(out, found)
    held = repository.held(connection)
    _print_dollars(out, connection, found, held)
    rows = list(_reasons(found))
    if rows:
        headers = ("Effect", "Check", "Facility", "Observed", "Expected")
        out.print(table("Checks that did not pass", headers, rows))
    for step in _next_steps(found.reasons):
        out.print(step, markup=False)
    out.print()


def _print_verdict(out: Console, found: Shown) -> None:
    scope = ", ".join(found.held_facilities)
    out.print(
        f"Gate: decision {found.decision_id} is [bold]{found.verdict}[/bold]"
        f"{f' (held: {scope})' if scope else ''}: {_MEANINGS[found.verdict]}"
    )
    read = f"publication {found.publication_id}" if found.publication_id else "nothing"
    is_new = " (this decision)" if found.is_published else ""
    out.print(
        f"  {found.decided_at:%Y-%m-%d %H:%M} UTC, run {found.run_id}; "
        f"{found.evaluated_count} of {found.required_count} required checks evaluated; "
        f"readers see {read}{is_new}",
        markup=False,
    )


def _print_dollars(
    out: Console, connection: Connection, found: Shown, held: list[Held]
) -> None:
    if found.verdict == "BLOCK":
        amount = repository.blocked_amount(connection)
        if amount is not None:
            out.print(f"  {amount:,.2f} USD of journal lines wait behind the block")
    if not held:
        return
    total = sum(each.amount for each in held)
    rows = [
        (_cause(each), each.facility, each.entries, each.amount, _fix(each))
        for each in held
    ]
    headers = ("Held by", "Facility", "Entries", "USD", "What frees it")
    title = f"Dollars held: {total:,.2f} USD, the fix worth most first"
    out.print(table(title, headers, rows))


def _cause(held: Held) -> str:
    if held.cause == "facility":
        return "a check of its facility"
    return held.cause.replace("_", " ") or "not yet released"


def _fix(held: Held) -> str:
    if held.cause == "facility":
        return "correct what its checks below name, or `ledgerline gate waive`"
    return held.remedy or "run post_to_erp"


def _reasons(found: Shown) -> Iterator[tuple[Any, ...]]:
    for reason in found.reasons:
        effect = str(reason["effect"])
        if "waiver" in reason:
            effect = f"waived by request {reason['waiver']}"
        yield (
            effect,
            reason["check"],
            reason["facility"],
            reason["observed"] or reason["status"],
            reason["expected"],
        )


def _next_steps(reasons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    closing = [each for each in reasons if each["effect"] in {"block", "hold"}]
    if not closing:
        return
    first = closing[0]
    what = "failed: correct its cause"
    if first["status"] != "fail":
        what = "was not evaluated: look at its task's log"
    yield (
        f"First: {first['check']} {what}, then run build_warehouse again "
        "(docs/runbooks/gate_closed.md)."
    )
    failed = [each for each in closing if each["status"] == "fail"]
    if failed:
        check, facility = failed[0]["check"], failed[0]["facility"]
        subject = f"{check}@{facility}" if facility else check
        yield (
            f"Known and harmless? `ledgerline gate waive '{subject}'"
            " --by NAME --reason WHY`, and a second person approves it."
        )
