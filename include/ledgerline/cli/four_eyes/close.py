"""`ledgerline close`: a month's checklist, its request and its seal."""

from __future__ import annotations

from typing import Annotated

import typer

from ledgerline.cli.four_eyes.requests import ask_for
from ledgerline.cli.words import Person, Reason, warehouse

close = typer.Typer(no_args_is_help=True, help="The close of a month.")
Month = Annotated[str, typer.Argument(help="as 2026-03")]


@close.command("status")
def close_status(
    month: Annotated[
        str | None, typer.Argument(help="as 2026-03; else the oldest that is open")
    ] = None,
) -> None:
    """Print what the close of a month waits for: dollars and owners."""
    from ledgerline.operations.close.close import print_close

    print_close(warehouse(), month)


@close.command("ask")
def close_ask(month: Month, by: Person, reason: Reason) -> None:
    """Ask that a month is closed, with the accruals of today."""
    ask_for("close_month", [month], by, reason)


@close.command("approve")
def close_approve(number: int, by: Person) -> None:
    """Approve the close that another person asked for: its accruals are posted next."""
    from ledgerline.operations.requests.decide import approve
    from ledgerline.operations.requests.show import print_approval

    print_approval(approve(warehouse(), number, by))


@close.command("seal")
def close_seal(month: Month) -> None:
    """Seal an approved month whose accruals are posted and reconciled."""
    from ledgerline.operations.close.close import seal

    seal(warehouse(), month)
    typer.echo(f"{month} is sealed; what comes late goes to the next open month")
