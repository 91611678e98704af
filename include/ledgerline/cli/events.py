"""`ledgerline events`: what is stuck, and what handlers have left to do."""

from __future__ import annotations

from typing import Annotated

import typer

from ledgerline.cli.words import warehouse

events = typer.Typer(no_args_is_help=True, help="What events set in motion.")


@events.command("list")
def events_list() -> None:
    """Print what is overdue, whose and since when, and each handler's queue."""
    from ledgerline.operations.exceptions.stuck import print_stuck

    print_stuck(warehouse())


@events.command("retry")
def events_retry(
    handler: Annotated[str, typer.Argument(help="as `events list` names it")],
) -> None:
    """Queue again what a handler gave up or puts off."""
    from ledgerline.events.workflow.handle import retry

    count = retry(warehouse(), handler)
    typer.echo(f"{count} events wait for {handler}; the next sweep hands them over")
