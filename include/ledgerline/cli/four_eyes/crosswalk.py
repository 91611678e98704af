"""`ledgerline crosswalk`: what codes mean, and who says so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledgerline.cli.words import Person, warehouse

crosswalk = typer.Typer(no_args_is_help=True, help="What codes mean, and who says so.")


@crosswalk.command("worklist")
def crosswalk_worklist(
    limit: Annotated[int, typer.Option(help="how many codes to show")] = 50,
) -> None:
    """Print the unmapped codes by the dollars they touch, and what they could mean."""
    from ledgerline.operations.mappings import print_worklist

    print_worklist(warehouse(), limit)


@crosswalk.command("propose")
def crosswalk_propose(file: Path, by: Person) -> None:
    """Store the mappings of a CSV file as a changeset; another person approves it."""
    from ledgerline.crosswalk.changeset.propose import propose

    number = propose(warehouse(), file, by)
    typer.echo(f"changeset {number}: see `ledgerline crosswalk show {number}`")


@crosswalk.command("show")
def crosswalk_show(number: int) -> None:
    """Print a changeset and the dollars that it moves, from what to what."""
    from ledgerline.operations.mappings import print_changeset

    print_changeset(warehouse(), number)


@crosswalk.command("approve")
def crosswalk_approve(number: int, by: Person) -> None:
    """Put a changeset in force from the next build on."""
    from ledgerline.crosswalk.changeset.decide import approve
    from ledgerline.operations.mappings import print_impact

    print_impact(approve(warehouse(), number, by))


@crosswalk.command("reject")
def crosswalk_reject(number: int, by: Person) -> None:
    """Close a changeset without effect."""
    from ledgerline.crosswalk.changeset.decide import reject

    reject(warehouse(), number, by)
