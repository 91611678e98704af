"""The `ledgerline` command: it only translates words into calls."""

from __future__ import annotations

import getpass
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import psycopg
import typer

from ledgerline import settings
from ledgerline.canonical.errors import LedgerlineError
from ledgerline.cli import backups
from ledgerline.cli.events import events
from ledgerline.cli.exceptions import exceptions
from ledgerline.cli.four_eyes.close import close
from ledgerline.cli.four_eyes.crosswalk import crosswalk
from ledgerline.cli.four_eyes.lines import lines
from ledgerline.cli.four_eyes.requests import ask_for, requests
from ledgerline.cli.retention import retention
from ledgerline.cli.words import Person, Reason, reader, warehouse
from ledgerline.store.refusal import refusal_of

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
gate = typer.Typer(no_args_is_help=True, help="The gate's decisions.")
publications = typer.Typer(no_args_is_help=True, help="What readers see, and saw.")
app.add_typer(gate, name="gate")
app.add_typer(close, name="close")
app.add_typer(crosswalk, name="crosswalk")
app.add_typer(events, name="events")
app.add_typer(exceptions, name="exceptions")
app.add_typer(lines, name="lines")
app.add_typer(publications, name="publications")
app.add_typer(requests, name="requests")
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(retention)

_SEGMENTS_HELP = "print a claim's or an X12 set's segments; goes on the audit chain"
_ENTRY_HELP = "entry id, natural key or ERP document number"
_PUBLICATION_HELP = "number of a publication, or a day or time when readers saw it"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@app.command()
def run() -> None:
    """Run the whole chain once and print the result."""
    from ledgerline.runtime.run import run_once

    run_once(settings.load())


@app.command()
def up() -> None:
    """Start the long-running stack and print its URLs and accounts."""
    from ledgerline.runtime import up as running

    running.up(settings.load(), typer.echo)


@app.command()
def prepare() -> None:
    """Migrate the databases and load the reference tables; start no Airflow."""
    from ledgerline.runtime import up as running

    running.prepare(settings.load(), typer.echo)


@app.command()
def secrets() -> None:
    """Refuse default secrets, as every start outside the sandbox does."""
    from ledgerline.runtime.host.given_secrets import require_own_secrets

    require_own_secrets(settings.load(), os.environ)
    typer.echo("no default, no account's name and no short key among the secrets")


@app.command()
def down() -> None:
    """Stop every process of this home."""
    from ledgerline.runtime import stack
    from ledgerline.runtime import up as running

    current = settings.load()
    running.down(current)
    stack.stop(current)


@app.command()
def listen() -> None:
    """Take HL7 v2 messages over MLLP until stopped; `up` starts it too."""
    from ledgerline.runtime.mllp import listen as mllp

    mllp.listen(settings.load(), typer.echo)


@app.command()
def status() -> None:
    """Print what landed, the gate's decision, the documents and the reconciliation."""
    from ledgerline.operations.report import print_report

    print_report(warehouse(), EPOCH)


@app.command()
def reconcile() -> None:
    """Read the ERP back and compare it with outbox and ledger; exit 1 on a break."""
    from ledgerline.runtime.run import reconcile_now

    raise typer.Exit(reconcile_now(settings.load()))


@app.command()
def verify(
    document: Annotated[str | None, typer.Argument(help=_ENTRY_HELP)] = None,
) -> None:
    """Check bytes, audit chain, verdicts, certificates, ledger; exit 1 on a break."""
    from ledgerline.operations.certificate.certificate import verify_document
    from ledgerline.operations.verify import print_verification
    from ledgerline.operations.verify import verify as verify_all

    dsn = warehouse()
    found = verify_document(dsn, document) if document else verify_all(dsn)
    if not print_verification(found):
        raise typer.Exit(1)


@app.command()
def certificate(document: Annotated[str, typer.Argument(help=_ENTRY_HELP)]) -> None:
    """Print, as JSON, the certificate of a posted document."""
    from ledgerline.operations.certificate import certificate as certified

    found = certified.certificate(warehouse(), document)
    typer.echo(certified.as_json(found))


@app.command("board-pack")
def board_pack(
    month: Annotated[str, typer.Argument(help="as 2026-03; the newest if none")] = "",
) -> None:
    """Write the board pack of a month as HTML and PDF, and print where it is."""
    from ledgerline.board_pack.write import month_named, write_pack

    chosen = month_named(month) if month else None
    written = write_pack(warehouse(), settings.load().board_packs, chosen)
    typer.echo(written.pdf or f"{written.html}\n{written.missing}")


@app.command()
def dsn(
    role: Annotated[
        str, typer.Option(help="owner, analyst, executive, poster, build or listener")
    ] = "owner",
) -> None:
    """Print the libpq URL of the warehouse."""
    from ledgerline.runtime.warehouse import role_dsn

    typer.echo(role_dsn(settings.load(), role))


@app.command()
def trace(
    identifier: Annotated[
        str,
        typer.Argument(
            help="encounter, visit, account or correlation id; claim id (billing "
            "NPI|account number); entry id, external reference or number in the ERP; "
            "or file@byte of an X12 file"
        ),
    ],
    limit: Annotated[int, typer.Option(help="how many facts to show")] = 20,
    show_bytes: Annotated[bool, typer.Option("--bytes", help=_SEGMENTS_HELP)] = False,
    role: Annotated[str, typer.Option(help="the role that reads the bytes")] = "owner",
) -> None:
    """Print the chain of an encounter, or where an amount comes from, to the byte."""
    from ledgerline.operations.received.show import print_received
    from ledgerline.operations.trace import print_chains, print_trace

    dsn = warehouse()
    if print_trace(dsn, identifier, limit):
        return
    is_chain = print_chains(dsn, identifier, limit)
    if show_bytes or not is_chain:
        looking = reader(role) if show_bytes else None
        print_received(dsn, identifier, looking, limit)


@publications.command("list")
def publications_list() -> None:
    """Print every publication, newest first."""
    from ledgerline.operations.publications import print_publications

    print_publications(warehouse())


@publications.command("diff")
def publications_diff(
    before: Annotated[str, typer.Argument(help=_PUBLICATION_HELP)],
    after: Annotated[str, typer.Argument(help=_PUBLICATION_HELP)],
    relation: Annotated[
        str | None, typer.Option("--rows", help="print the rows of this relation")
    ] = None,
    limit: Annotated[int, typer.Option(help="how many rows at most")] = 100,
) -> None:
    """Print, relation by relation, how many rows differ between two publications."""
    from ledgerline.operations import publications as shown

    if relation is None:
        shown.print_difference(warehouse(), before, after)
    else:
        shown.print_changed_rows(warehouse(), relation, before, after, limit)


@publications.command("revert")
def publications_revert(number: int) -> None:
    """Publish again, as a new publication, what an earlier one showed."""
    from ledgerline.publication.history import revert

    done = revert(warehouse(), number, by=getpass.getuser())
    typer.echo(f"publication {done.publication_id} shows what {number} showed")


@gate.command("show")
def gate_show() -> None:
    """Print the newest decision: why, the dollars it holds, and what to do first."""
    from ledgerline.operations.gate.show import show_gate

    show_gate(warehouse())


@gate.command("waive")
def gate_waive(
    check: Annotated[str, typer.Argument(help="as `gate show` names it[@FACILITY]")],
    by: Person,
    reason: Reason,
) -> None:
    """Ask that a failed check passes, once, for exactly the rows it judged."""
    ask_for("waive_check", [check], by, reason)


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(143)


def main() -> None:
    """Run a command; print one clear sentence and exit 1 on an error.

    What PostgreSQL says of a row quotes it, so its own text is not printed.
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except LedgerlineError as error:
        _refuse(error)
    except psycopg.Error as error:
        _refuse(refusal_of(error))


def _refuse(error: LedgerlineError) -> NoReturn:
    sys.stderr.write(f"{error}\n")
    sys.exit(1)
