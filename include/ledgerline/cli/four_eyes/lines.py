"""`ledgerline lines`: which service lines a director sees."""

from __future__ import annotations

import typer

from ledgerline.cli.words import Person, warehouse

lines = typer.Typer(no_args_is_help=True, help="Which service lines directors see.")


@lines.command("list")
def lines_list() -> None:
    """Print who sees which service line, and what waits for a second person."""
    from ledgerline.operations.lines.access import print_lines

    print_lines(warehouse())


@lines.command("give")
def lines_give(director: str, service_line: str, by: Person) -> None:
    """Propose that a director sees a service line; another person approves it."""
    from ledgerline.operations.lines.access import give

    number = give(warehouse(), director, service_line, by)
    typer.echo(
        f"number {number}: {director} will see {service_line} once another person "
        f"runs `ledgerline lines approve {number} --by NAME`"
    )


@lines.command("take")
def lines_take(director: str, service_line: str, by: Person) -> None:
    """Take a service line away from a director, at once."""
    from ledgerline.operations.lines.access import take

    take(warehouse(), director, service_line, by)
    typer.echo(f"{director} no longer sees {service_line}")


@lines.command("approve")
def lines_approve(number: int, by: Person) -> None:
    """Approve what another person proposed; the director sees the line at once."""
    from ledgerline.operations.lines.access import decide

    director, line = decide(warehouse(), number, "approved", by)
    typer.echo(f"{director} sees {line}; `make up` makes the account of a new director")


@lines.command("reject")
def lines_reject(number: int, by: Person) -> None:
    """Close a proposal without effect."""
    from ledgerline.operations.lines.access import decide

    director, line = decide(warehouse(), number, "rejected", by)
    typer.echo(f"{director} does not get {line}")
