"""Group commit: one transaction for what all connections are waiting with."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.mllp.receipt import Outcome, Received
from ledgerline.landing.inbox import repository

log = logging.getLogger(__name__)

_GROUP_BYTES = 8 * 1024 * 1024
_GROUP_MESSAGES = 2_000
_LONGEST_PAUSE = 2.0
_LONGEST_GATHERING = 0.002
_GATHERING_SHARE = 0.25
_NOT_COMMITTED = (
    "the warehouse did not commit the message; nobody was answered, start it and the "
    "sender's next attempt is taken"
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Waiting:
    """What one connection waits with, and until when."""

    messages: Sequence[Received]
    outcomes: asyncio.Future[list[Outcome]]
    deadline: float


class Inbox:
    """Commits messages of many connections through one to the warehouse.

    While one transaction runs, the next one gathers; whoever was just served is waited
    for a moment, a share of what a transaction takes. When the warehouse is away it
    tries again by itself; whoever waited `patience_seconds` gets SourceUnavailable.
    """

    def __init__(self, dsn: str, patience_seconds: float = 10.0) -> None:
        """Describe the inbox; nothing is opened before `run`."""
        self._dsn = dsn
        self._patience = patience_seconds
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._expected = 1
        self._last_seconds = 0.0
        self._connection: psycopg.AsyncConnection[TupleRow] | None = None

    async def commit(self, messages: Sequence[Received]) -> list[Outcome]:
        """Commit the messages; return what became of each, in order.

        Raises SourceUnavailable when the warehouse did not commit them in time.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(
            messages=messages,
            outcomes=loop.create_future(),
            deadline=loop.time() + self._patience,
        )
        self._queue.append(waiting)
        if len(self._queue) >= self._expected:
            self._filled.set()
        return await waiting.outcomes

    async def run(self) -> None:
        """Write what waits, until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._gather()
                start = loop.time()
                group = self._next_group()
                await self._write(group)
                self._last_seconds = loop.time() - start
                self._expected = len(group) + len(self._queue)
        finally:
            await self._disconnect()

    async def _gather(self) -> None:
        """Wait for somebody; then a moment for those who were served last."""
        pause = min(self._last_seconds * _GATHERING_SHARE, _LONGEST_GATHERING)
        for seconds in (pause, None):
            self._filled.clear()
            if len(self._queue) < self._expected:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._filled.wait()
            self._expected = 1

    def _next_group(self) -> list[_Waiting]:
        group = [self._queue.popleft()]
        count, size = _extent(group[0])
        while self._queue:
            more, larger = _extent(self._queue[0])
            count, size = count + more, size + larger
            if count > _GROUP_MESSAGES or size > _GROUP_BYTES:
                break
            group.append(self._queue.popleft())
        return group

    async def _write(self, group: list[_Waiting]) -> None:
        pause = 0.0
        while group:
            try:
                outcomes = await self._store(group)
            except (psycopg.OperationalError, TimeoutError) as error:
                log.warning("the warehouse did not commit: %s", _kind(error))
            except psycopg.Error as error:
                log.error("the warehouse refused messages: %s", _kind(error))
                await self._write_apart(group)
                return
            else:
                _settle(group, outcomes)
                return
            await self._disconnect()
            await asyncio.sleep(pause)
            pause = min(pause * 2 + 0.1, _LONGEST_PAUSE)
            group = _give_up_late(group)

    async def _write_apart(self, group: list[_Waiting]) -> None:
        """Write each part for itself, so that one cannot hold up the others."""
        await self._disconnect()
        for waiting in group:
            try:
                _settle([waiting], await self._store([waiting]))
            except (psycopg.Error, TimeoutError):
                _fail(waiting)
                await self._disconnect()

    async def _store(self, group: list[_Waiting]) -> list[Outcome]:
        messages = [message for waiting in group for message in waiting.messages]
        digests = [repository.digest(message) for message in messages]
        async with asyncio.timeout(self._patience):
            if self._connection is None:
                self._connection = await repository.connect(self._dsn)
            rows = await repository.store(self._connection, messages, digests)
        return _outcomes(messages, digests, rows)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None


def _outcomes(
    messages: Sequence[Received],
    digests: Sequence[bytes],
    rows: Sequence[tuple[bool, bytes | None]],
) -> list[Outcome]:
    """Tell what became of each message; the first content of a control id stands."""
    first: dict[tuple[str, str], bytes] = {}
    seen: set[bytes] = set()
    outcomes = []
    for message, digest, (is_new, earliest) in zip(
        messages, digests, rows, strict=True
    ):
        key = message.sender, message.control_id
        stands = first.setdefault(key, earliest or digest)
        if message.control_id and stands != digest:
            outcomes.append(Outcome.CONFLICT)
        elif is_new and digest not in seen:
            outcomes.append(Outcome.STORED)
        else:
            outcomes.append(Outcome.REPEATED)
        seen.add(digest)
    return outcomes


def _settle(group: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    start = 0
    for waiting in group:
        end = start + len(waiting.messages)
        if not waiting.outcomes.done():
            waiting.outcomes.set_result(list(outcomes[start:end]))
        start = end


def _give_up_late(group: Sequence[_Waiting]) -> list[_Waiting]:
    now = asyncio.get_running_loop().time()
    for waiting in group:
        if waiting.deadline <= now:
            _fail(waiting)
    return [waiting for waiting in group if not waiting.outcomes.done()]


def _fail(waiting: _Waiting) -> None:
    if not waiting.outcomes.done():
        waiting.outcomes.set_exception(SourceUnavailable(_NOT_COMMITTED))


def _extent(waiting: _Waiting) -> tuple[int, int]:
    size = sum(len(message.content) for message in waiting.messages)
    return len(waiting.messages), size


def _kind(error: Exception) -> str:
    """Name an error without its text, which may hold values."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__} {state or ''}".strip()
