"""The listener: accepts connections, holds a conversation on each, stops in order."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.mllp.conversation import READ_BYTES, Conversation
from ledgerline.connectors.mllp.terms import Terms

log = logging.getLogger(__name__)

_BACKLOG = 256
_HANDSHAKE_SECONDS = 10.0


class Listener:
    """Listens on one address until it is stopped."""

    def __init__(self, terms: Terms, tls: ssl.SSLContext | None = None) -> None:
        """Describe a listener; nothing is opened."""
        self.terms = terms
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._conversations: dict[Conversation, asyncio.Task[None]] = {}

    async def start(self, host: str, port: int) -> int:
        """Listen on an address; return the port, chosen by the system where 0."""
        try:
            self._server = await asyncio.start_server(
                self._welcome,
                host,
                port,
                limit=READ_BYTES,
                backlog=_BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if self._tls else None,
            )
        except OSError as error:
            raise ConfigurationInvalid(
                f"cannot listen on {host}:{port} ({error.strerror}); stop the other "
                "program or set LEDGERLINE_MLLP_HOST and LEDGERLINE_MLLP_PORT"
            ) from error
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Accept nobody, answer what is being committed, then hang up on everybody."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._conversations.values())
        for conversation in list(self._conversations):
            conversation.end()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self.terms.limits.drain_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def open_connections(self) -> int:
        """How many conversations are held now."""
        return len(self._conversations)

    async def _welcome(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        tally, task = self.terms.tally, asyncio.current_task()
        if len(self._conversations) >= self.terms.limits.connections or task is None:
            tally.turned_away += 1
            log.warning("turned a connection away: too many are open")
            writer.close()
            return
        tally.connections += 1
        _notice_dead_peers(writer)
        conversation = Conversation(self.terms, reader, writer)
        self._conversations[conversation] = task
        try:
            await conversation.hold()
        finally:
            del self._conversations[conversation]


def _notice_dead_peers(writer: asyncio.StreamWriter) -> None:
    """Have the system ask a silent peer whether it still lives."""
    plug = writer.get_extra_info("socket")
    if plug is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
