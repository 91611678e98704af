"""One connection: receive, hand on, answer in order; until either side ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.formats.record import RecordRefused
from ledgerline.connectors.mllp.framing import Frame, FrameDecoder, framed
from ledgerline.connectors.mllp.reading import read
from ledgerline.connectors.mllp.terms import LARGE_BYTES, Terms

log = logging.getLogger(__name__)

READ_BYTES = 128 * 1024
_CLOSE_SECONDS = 5.0


class Conversation:
    """What one sender and we say to each other.

    Everything of one read is committed together and answered in order before the next
    read: a sender that does not wait for answers is slowed down by the connection.
    """

    def __init__(
        self, terms: Terms, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take over a connection that was opened."""
        self._terms = terms
        self._reader = reader
        self._writer = writer
        self._decoder = FrameDecoder(terms.limits.message_bytes)
        self._peer = _address(writer)
        self._task = asyncio.current_task()
        self._deadline: float | None = None
        self._is_reading = False
        self._is_ending = False
        self._is_large = False

    async def hold(self) -> None:
        """Receive and answer until the sender leaves, stalls, or `end` is called."""
        tally = self._terms.tally
        try:
            while not self._is_ending and (data := await self._receive()):
                frames = self._decoder.feed(data)
                if frames:
                    self._deadline = None
                    await self._answer(frames)
                await self._mind_the_size()
        except TimeoutError:
            tally.timeouts += 1
            log.warning("%s took too long and is disconnected", self._peer)
        except SourceUnavailable as error:
            tally.unanswered += 1
            log.warning("%s is disconnected without an answer: %s", self._peer, error)
        except OSError as error:
            log.info("%s is gone: %s", self._peer, type(error).__name__)
        finally:
            tally.cut_messages += self._decoder.cut_messages
            tally.skipped_bytes += self._decoder.skipped_bytes
            self._release()
            await self._close()

    def end(self) -> None:
        """Answer what is being committed, then hang up; take nothing more."""
        self._is_ending = True
        if self._is_reading and self._task is not None:
            self._task.cancel()

    async def _receive(self) -> bytes:
        limits, now = self._terms.limits, asyncio.get_running_loop().time()
        if not self._decoder.is_inside:
            deadline = now + limits.idle_seconds
        elif self._deadline is None:
            deadline = self._deadline = now + limits.receive_seconds
        else:
            deadline = self._deadline
        self._is_reading = True
        try:
            async with asyncio.timeout_at(deadline):
                return await self._reader.read(READ_BYTES)
        finally:
            self._is_reading = False

    async def _answer(self, frames: Sequence[Frame]) -> None:
        readings = [read(frame, self._peer) for frame in frames]
        outcomes = await self._terms.commit([part.received for part in readings])
        answers: list[bytes] = []
        for reading, outcome in zip(readings, outcomes, strict=True):
            refused = reading.verdict(outcome)
            self._count(refused)
            answers += map(framed, reading.answers(refused))
        self._writer.write(b"".join(answers))
        if self._writer.transport.get_write_buffer_size():
            async with asyncio.timeout(self._terms.limits.receive_seconds):
                await self._writer.drain()

    def _count(self, refused: RecordRefused | None) -> None:
        if refused is None:
            self._terms.tally.accepted += 1
            return
        self._terms.tally.refused += 1
        log.warning("refused a message of %s: %s", self._peer, refused.message)

    async def _mind_the_size(self) -> None:
        """Wait for a place before a message grows large: few are held at a time."""
        if self._decoder.buffered_bytes < LARGE_BYTES:
            self._release()
        elif not self._is_large:
            async with asyncio.timeout(self._terms.limits.receive_seconds):
                await self._terms.large_messages.acquire()
            self._is_large = True

    def _release(self) -> None:
        if self._is_large:
            self._terms.large_messages.release()
            self._is_large = False

    async def _close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._writer.wait_closed()


def _address(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else "unknown"
