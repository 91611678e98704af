"""`ledgerline exceptions`: what waits on a person, and what is done about it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from ledgerline.canonical.errors import Rejected
from ledgerline.cli.four_eyes.requests import ask_for
from ledgerline.cli.words import Person, reader, warehouse

exceptions = typer.Typer(no_args_is_help=True, help="What waits on a person.")
_ID = typer.Argument(help="as `exceptions list` prints it")


class ReasonMissing(Rejected):
    """A document of the books is to be replayed, and nobody says who asks and why."""

    code = "REASON_MISSING"


@exceptions.command("list")
def exceptions_list(
    queue: Annotated[str | None, typer.Option(help="only this queue")] = None,
    limit: Annotated[int, typer.Option(help="how many to show")] = 50,
) -> None:
    """Print what waits on a person: whose, since when, how many dollars, why."""
    from ledgerline.operations.exceptions.queue import print_queues
    from ledgerline.operations.report import print_missing

    print_queues(warehouse(), queue, limit, datetime.now(UTC))
    print_missing(warehouse())


@exceptions.command("show")
def exceptions_show(
    exception: Annotated[str, _ID],
    show_bytes: Annotated[
        bool, typer.Option("--bytes", help="print the bytes; goes on the audit chain")
    ] = False,
    role: Annotated[str, typer.Option(help="the role that reads the bytes")] = "owner",
) -> None:
    """Print one exception: where, why, whose, what to do next."""
    from ledgerline.operations.exceptions.queue import print_one
    from ledgerline.operations.exceptions.show import print_exception

    if exception.isdecimal():
        looking = reader(role) if show_bytes else None
        print_exception(warehouse(), int(exception), looking)
    else:
        print_one(warehouse(), exception, datetime.now(UTC))


@exceptions.command("replay")
def exceptions_replay(
    exception: Annotated[str | None, _ID] = None,
    refusal_class: Annotated[
        str | None, typer.Option("--class", help="every quarantined one of a class")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="every quarantined one of it")
    ] = None,
    all_open: Annotated[
        bool, typer.Option("--all-open", help="every quarantined one")
    ] = False,
    by: Annotated[str, typer.Option(help="of a document: who asks")] = "",
    reason: Annotated[str, typer.Option(help="of a document: why")] = "",
) -> None:
    """Land what is in quarantine again; ask that a document is sent again."""
    from ledgerline.operations.exceptions.replaying import choose, print_replay

    if exception is None or exception.isdecimal():
        number = None if exception is None else int(exception)
        chosen = choose(number, refusal_class, source, is_all=all_open)
        print_replay(warehouse(), chosen, by=getpass.getuser())
    elif by and reason:
        ask_for("replay", [exception], by, reason)
    else:
        raise ReasonMissing(
            f"{exception} moves the books: say --by NAME --reason WHY, and another "
            "person approves it"
        )


@exceptions.command("approve")
def exceptions_approve(
    number: Annotated[int, typer.Argument(help="as `requests list` prints it")],
    by: Person,
) -> None:
    """Approve what another person asked for about an exception, and carry it out."""
    from ledgerline.operations.requests.decide import approve
    from ledgerline.operations.requests.show import print_approval

    print_approval(approve(warehouse(), number, by))
