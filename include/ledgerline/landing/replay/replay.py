"""Replay quarantined records and files through the landing that everything takes.

Each file is one transaction: what parses now lands with its own file and offset, as of
the time at which the file came, and its row is closed; what does not keeps its row open
with today's reason. A second replay finds nothing left to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledgerline.connectors.formats.record import FileRefused, ReadContent, Reader
from ledgerline.landing import content
from ledgerline.landing import repository as landing
from ledgerline.landing.quarantine import OWNERS
from ledgerline.landing.replay import readers, repository
from ledgerline.landing.replay.extent import Extent, Window
from ledgerline.landing.replay.repository import (
    FileState,
    Refused,
    Selection,
    Waiting,
)
from ledgerline.landing.report import Tally
from ledgerline.landing.stored import Batch, StoredFile
from ledgerline.store.engine import connect

_UNRECOGNISED = "unrecognised"
_WHOLE = Extent(offset=0, length=0)


@dataclass(kw_only=True)
class ReplayReport:
    """What a replay came to: rows of the quarantine, then records.

    `without_bytes` rows name files that never came in: nothing can be replayed.
    """

    replayed: int = 0
    still_refused: int = 0
    without_bytes: int = 0
    landed: int = 0
    duplicate: int = 0
    batches: tuple[int, ...] = ()


def replay(dsn: str, chosen: Selection, by: str) -> ReplayReport:
    """Replay what is chosen, source after source, each in a batch of its own.

    `by` is the person who asked. Raises what landing raises when the warehouse is away.
    """
    report = ReplayReport()
    with connect(dsn) as connection:
        found = repository.sources(connection, chosen)
        report.without_bytes = repository.count_without_bytes(connection, chosen)
    for source, zone in found:
        _replay_source(dsn, source, zone, _Replay(chosen=chosen, by=by, report=report))
    return report


@dataclass(frozen=True, kw_only=True)
class _Replay:
    """What was asked, by whom, and what came of it so far."""

    chosen: Selection
    by: str
    report: ReplayReport


def _replay_source(dsn: str, source: str, zone: str, asked: _Replay) -> None:
    tally = Tally()
    with landing.turn(dsn, zone, source) as turn, landing.batch(turn) as batch:
        for file_id in repository.chosen_files(batch, asked.chosen):
            with batch.connection.transaction():
                _replay_file(batch, file_id, asked, tally)
    asked.report.landed += tally.landed
    asked.report.duplicate += tally.duplicate
    asked.report.batches += (batch.batch_id,)


def _replay_file(batch: Batch, file_id: int, asked: _Replay, tally: Tally) -> None:
    rows = repository.lock_rows(batch, file_id, asked.chosen)
    if not rows:
        return
    before = repository.file_state(batch, file_id)
    window = Window(each.extent for each in rows)
    own = Tally()
    _land(batch, file_id, before, window, own)
    repository.date_as_received(batch, file_id)
    refused = repository.fresh_refusals(batch, file_id)
    kept = _settle(batch, rows, window, refused, asked)
    if not window.is_whole:
        quarantined = before.quarantined - kept.replayed + kept.narrower
        after = replace(
            before,
            landed=before.landed + own.landed,
            duplicate=before.duplicate + own.duplicate,
            quarantined=quarantined,
        )
        repository.restore_file(batch, file_id, after)
    asked.report.replayed += kept.replayed
    asked.report.still_refused += len(rows) - kept.replayed
    tally.landed += own.landed
    tally.duplicate += own.duplicate


def _land(
    batch: Batch, file_id: int, before: FileState, window: Window, tally: Tally
) -> None:
    """Land the window of a stored file, whatever it came to before."""
    stored = StoredFile(
        file_id=file_id,
        name=before.name,
        format=before.format,
        expected_count=before.expected_count if window.is_whole else None,
    )
    try:
        format_name, reader = _reader(batch, stored)
    except FileRefused as refused:
        content.quarantine_file(batch, stored, refused, tally)
        return
    repository.reopen_file(batch, file_id, format_name)
    content.land(batch, stored, window.over(reader), tally)


def _reader(batch: Batch, stored: StoredFile) -> tuple[str, Reader]:
    def chunks() -> ReadContent:
        return readers.decoded(
            lambda: landing.original_bytes(
                batch.connection, batch.schema, stored.file_id
            )
        )

    format_name = stored.format
    if format_name == _UNRECOGNISED:
        format_name = readers.recognise(batch.source, stored.name, chunks())
    return format_name, readers.reader(format_name)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """How many rows were closed, and how many new, narrower ones were opened."""

    replayed: int
    narrower: int


def _settle(
    batch: Batch,
    rows: list[Waiting],
    window: Window,
    refused: list[Refused],
    asked: _Replay,
) -> _Kept:
    """Close the rows of which something landed; give the others today's reason."""
    dropped: set[int] = set()
    closed = []
    for row in rows:
        why = [each for each in refused if row.extent.meets(each.extent)]
        if _has_landed(row, window, why):
            closed.append(row)
            continue
        dropped |= {each.number for each in why}
        repository.keep_open(batch, row, why[0] if why else _gone(row), asked.by)
    repository.drop_refusals(
        batch, [each for each in refused if each.number in dropped]
    )
    for row in closed:
        repository.close_replayed(batch, row, asked.by)
    return _Kept(replayed=len(closed), narrower=len(refused) - len(dropped))


def _has_landed(row: Waiting, window: Window, why: list[Refused]) -> bool:
    if row.extent.is_whole:
        return not any(each.extent.is_whole for each in why)
    if window.is_whole:
        return not why
    return any(
        row.extent.meets(place) and not any(each.extent.holds(place) for each in why)
        for place in window.found
    )


def _gone(row: Waiting) -> Refused:
    return Refused(
        number=row.number,
        extent=row.extent,
        refusal_class=row.refusal_class,
        message="today's reader finds no record at this place; look at the bytes",
        owner=next(
            (team for kind, team in OWNERS.items() if kind.value == row.refusal_class),
            "interface_team",
        ),
    )
