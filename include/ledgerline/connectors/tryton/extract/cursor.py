"""Reads the rows of a stream that changed, in the order of a stamp and the id.

A row that is written while we read moves ahead of us: it is neither skipped nor, unless
it changed, read twice. A stamp is set when a transaction begins and seen when it
commits, so each reading begins a while before the newest stamp of the one before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledgerline.connectors.source import State
from ledgerline.connectors.tryton.client import Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row, decode_text
from ledgerline.connectors.tryton.extract import page
from ledgerline.connectors.tryton.extract.page import Page
from ledgerline.connectors.tryton.extract.streams import Stream


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where the reading of a stream stands, by one of its stamps.

    Its state holds `newest`, the newest stamp when the reading began: the next one
    begins `overlap` before it. During a reading `at` is the last row that landed.
    """

    client: TrytonClient
    stream: Stream
    stamp: str
    state: State
    overlap: dt.timedelta

    def begin(self) -> bool:
        """Begin with the changes from now on; False when it has begun before."""
        if self.state.load(self._key) is not None:
            return False
        self.state.save(self._key, {"newest": self._newest()})
        return True

    def pages(self) -> Iterator[Page]:
        """Yield what changed; go on where a reading was cut off."""
        saved = self.state.load(self._key) or {}
        if "at" in saved:
            newest, condition = saved["newest"], self._after(saved["at"])
        else:
            newest, condition = self._newest(), self._since(saved.get("newest"))
        while rows := self._read(condition):
            at = [_value(rows[-1], self.stamp), rows[-1]["id"]]
            yield page.rows(self.stream.model, f"{at[0]}-{at[1]}", rows)
            self.state.save(self._key, {"newest": newest, "at": at})
            if len(rows) < self.client.page_size:
                break
            condition = self._after(at)
        self.state.save(self._key, {"newest": newest})

    @property
    def _key(self) -> str:
        return f"{self.stream.model} by {self.stamp}"

    def _newest(self) -> str | None:
        order = ((self.stamp, "DESC"),)
        query = self.stream.query([[self.stamp, "!=", None]], order)
        found = self.client.page(query, limit=1, decoder=decode_text)
        return _value(found[0], self.stamp) if found else None

    def _read(self, condition: Domain) -> list[Row]:
        order = ((self.stamp, "ASC"), ("id", "ASC"))
        query = self.stream.query(condition, order)
        return self.client.page(query, decoder=decode_text)

    def _since(self, newest: str | None) -> Domain:
        if newest is None:
            return [[self.stamp, "!=", None]]
        return [[self.stamp, ">=", dt.datetime.fromisoformat(newest) - self.overlap]]

    def _after(self, at: list[Any]) -> Domain:
        stamp = dt.datetime.fromisoformat(at[0])
        later = [[self.stamp, ">", stamp]]
        return [["OR", later, [[self.stamp, "=", stamp], ["id", ">", at[1]]]]]


def _value(row: Row, path: str) -> str:
    value: Any = row
    for step in path.split("."):
        value = value[step]
    return str(value)
