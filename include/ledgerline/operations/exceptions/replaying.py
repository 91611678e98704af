"""Replay what waits in quarantine and print what came of it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.events.fold import fold_visits
from ledgerline.landing.replay import ReplayReport, Selection, replay
from ledgerline.lineage.wait import note_waiting
from ledgerline.operations.exceptions import repository
from ledgerline.operations.table import WIDTH
from ledgerline.store.engine import connect


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


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of a replay: of stored bytes, and of records that wait for others.

    A record that waits has landed: its exception stays open while its reason does.
    """

    report: ReplayReport
    waited: int
    still_waiting: Sequence[tuple[str, int]]


def replay_chosen(dsn: str, chosen: Selection, by: str) -> Replayed:
    """Replay what is chosen, and look again at what waits."""
    with connect(dsn) as connection:
        waiting = repository.waiting(connection, chosen)
    report = replay(dsn, chosen, by)
    _look_again(dsn, set(waiting.values()), has_landed=report.landed > 0)
    with connect(dsn) as connection:
        still = repository.still_open(connection, list(waiting))
    return Replayed(report=report, waited=len(waiting), still_waiting=still)


def print_replay(dsn: str, chosen: Selection, by: str) -> ReplayReport:
    """Replay what is chosen and print what came of it in numbers."""
    done = replay_chosen(dsn, chosen, by)
    report, still = done.report, done.still_waiting
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
    if done.waited:
        left = sum(count for _, count in still)
        out.print(f"{done.waited - left} no longer wait, {left} wait still")
    for message, count in still:
        out.print(f"{count} open: {message}", markup=False)
    if not (
        report.replayed or report.still_refused or report.without_bytes or done.waited
    ):
        out.print("nothing open matches")
    return report


def _look_again(dsn: str, stages: Set[str], *, has_landed: bool) -> None:
    if has_landed or stages & {"fold", "reference"}:
        fold_visits(dsn)
    if "lineage" in stages:
        note_waiting(dsn)
