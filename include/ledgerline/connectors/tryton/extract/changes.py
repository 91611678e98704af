"""One extract: what changed since the last one, what is gone, and the balances."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ledgerline.connectors.source import State
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.extract import balances, id_sets, page
from ledgerline.connectors.tryton.extract.balances import AccountBalance, OnHand
from ledgerline.connectors.tryton.extract.cursor import Cursor
from ledgerline.connectors.tryton.extract.page import Page
from ledgerline.connectors.tryton.extract.streams import Stream

_COMPARED = "ids compared"


@dataclass(frozen=True, kw_only=True)
class Window:
    """How far readings overlap, and after what time ids are compared again.

    The overlap covers the longest transaction in the ERP. The comparison is due half
    a day after the last one, so that a daily extract never misses its turn.
    """

    overlap: dt.timedelta = dt.timedelta(hours=24)
    compare_after: dt.timedelta = dt.timedelta(hours=12)


def changes(
    client: TrytonClient,
    followed: Sequence[Stream],
    state: State,
    window: Window,
    now: dt.datetime,
) -> Iterator[Page]:
    """Yield every page of one extract; state is kept when the iterator resumes."""
    for stream in followed:
        yield from _changed(client, stream, state, window.overlap)
    if _is_due(state, now, window.compare_after):
        for stream in followed:
            landed = state.shown(stream.model)
            yield from id_sets.differences(client, stream, landed)
        state.save(_COMPARED, {"at": now.isoformat()})
    yield from _whole(client, state, "stock.balance", balances.on_hand(client))
    rows = balances.account_balances(client)
    yield from _whole(client, state, "account.balance", rows)


def _changed(
    client: TrytonClient, stream: Stream, state: State, overlap: dt.timedelta
) -> Iterator[Page]:
    """Yield the rows that changed; those of other records that they show count too.

    What a stream shows is followed from the moment on at which its first reading
    begins: all rows are read then anyway.
    """
    own, *shown = (
        Cursor(client=client, stream=stream, stamp=stamp, state=state, overlap=overlap)
        for stamp in stream.stamps
    )
    followed = [cursor for cursor in shown if not cursor.begin()]
    for cursor in (own, *followed):
        yield from cursor.pages()


def _is_due(state: State, now: dt.datetime, after: dt.timedelta) -> bool:
    compared = state.load(_COMPARED)
    return not compared or now - dt.datetime.fromisoformat(compared["at"]) >= after


def _whole(
    client: TrytonClient,
    state: State,
    resource_type: str,
    found: Iterable[OnHand | AccountBalance],
) -> Iterator[Page]:
    """Yield all balances, and those that are no longer there."""
    rows = {each.key: balances.row(each) for each in found}
    keys = list(rows)
    for start in range(0, len(keys), client.page_size):
        held = [rows[key] for key in keys[start : start + client.page_size]]
        place = f"{start // client.page_size + 1:05d}"
        yield page.rows(resource_type, place, held, is_said_anew=True)
    if gone := sorted(state.shown(resource_type) - rows.keys()):
        yield page.gone(resource_type, gone)
