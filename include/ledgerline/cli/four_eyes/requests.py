"""`ledgerline requests`: what one person asks for and another approves."""

from __future__ import annotations

from typing import Annotated

import typer

from ledgerline.cli.words import Person, Reason, warehouse

requests = typer.Typer(no_args_is_help=True, help="What needs a second person.")
Entries = Annotated[
    list[str],
    typer.Argument(help="entry ids, natural keys or ERP document numbers"),
]


@requests.command("list")
def requests_list() -> None:
    """Print what waits for a second person, and until when."""
    from ledgerline.operations.requests.show import print_requests

    print_requests(warehouse())


@requests.command("show")
def requests_show(number: int) -> None:
    """Print a request and what it covers."""
    from ledgerline.operations.requests.show import print_request

    print_request(warehouse(), number)


@requests.command("replay")
def requests_replay(
    entries: Annotated[
        list[str], typer.Argument(help="entries, or DEAD or CONFLICT for all of them")
    ],
    by: Person,
    reason: Reason,
) -> None:
    """Ask for another chance for dead or conflicting entries."""
    ask_for("replay", entries, by, reason)


@requests.command("waive")
def requests_waive(entries: Entries, by: Person, reason: Reason) -> None:
    """Ask that later documents pass a rejected one."""
    ask_for("waive", entries, by, reason)


@requests.command("override")
def requests_override(
    entry: str,
    by: Person,
    reason: Reason,
    document: Annotated[str, typer.Option(help="the document's number in the ERP")],
) -> None:
    """Ask that an ERP document counts as the one of an entry in conflict."""
    ask_for("override", [entry], by, reason, document)


@requests.command("compensate")
def requests_compensate(entries: Entries, by: Person, reason: Reason) -> None:
    """Ask that posted documents are taken back by their reversals."""
    ask_for("compensate", entries, by, reason)


@requests.command("approve")
def requests_approve(number: int, by: Person) -> None:
    """Approve what another person asked for, and carry it out."""
    from ledgerline.operations.requests.decide import approve
    from ledgerline.operations.requests.show import print_approval

    print_approval(approve(warehouse(), number, by))


@requests.command("reject")
def requests_reject(number: int, by: Person) -> None:
    """Close a request without effect."""
    from ledgerline.operations.requests.decide import reject

    reject(warehouse(), number, by)


def ask_for(
    action: str,
    subjects: list[str],
    by: str,
    reason: str,
    document: str | None = None,
) -> None:
    """Store what a person asks for, and say who goes on."""
    from ledgerline.operations.requests.decide import ask
    from ledgerline.operations.requests.request import Action, Ask

    wanted = Ask(
        action=Action(action),
        subjects=tuple(subjects),
        by=by,
        reason=reason,
        erp_document=document,
    )
    number = ask(warehouse(), wanted)
    typer.echo(
        f"request {number}: another person approves it within 24 hours with "
        f"`ledgerline requests approve {number} --by NAME`"
    )
