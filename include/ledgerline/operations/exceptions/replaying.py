"""Replay what waits in quarantine and print what came of it."""

from __future__ import annotations

from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.events.fold import fold_visits
from ledgerline.landing.replay import ReplayReport, Selection, replay
from ledgerline.operations.report import WIDTH


class NothingChosen(Rejected):
    """A replay was asked for without saying of what."""

    code = "NOTHING_CHOSEN"


def choose(
    number: int | None, refusal_class: str | None, source: str | None, *, is_all: bool
) -> Selection:
    """Return what the words of the command select; raises NothingChosen."""
    if number is None and not (refusal_class or source or is_all):
        raise NothingChosen(
            "say what to replay: a number, --class, --source or --all-open"
        )
    return Selection(
        numbers=() if number is None else (number,),
        refusal_class=refusal_class,
        source=source,
    )


def print_replay(dsn: str, chosen: Selection, by: str) -> ReplayReport:
    """Replay what is chosen, fold the events that landed, and print it in numbers."""
    report = replay(dsn, chosen, by)
    if report.landed:
        fold_visits(dsn)
    out = Console(width=WIDTH, highlight=False)
    out.print(
        f"{report.replayed} replayed: {report.landed} records landed, "
        f"{report.duplicate} were there already"
    )
    if report.still_refused:
        out.print(
            f"{report.still_refused} still refused, with today's reason; see "
            "`ledgerline exceptions list`"
        )
    if report.without_bytes:
        out.print(
            f"{report.without_bytes} never came in as bytes: have them delivered again"
        )
    if not (report.replayed or report.still_refused or report.without_bytes):
        out.print("nothing open matches")
    return report
