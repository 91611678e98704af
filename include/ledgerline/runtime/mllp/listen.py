"""Listen for HL7 over MLLP until asked to stop: settings, inbox and listener joined.

It writes as the role `ledgerline_listener`, which may add messages to the inbox and
nothing else.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import signal
import ssl
from collections.abc import Callable
from contextlib import suppress

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.mllp import tls
from ledgerline.connectors.mllp.listener import Listener
from ledgerline.connectors.mllp.terms import Limits, Tally, Terms
from ledgerline.landing.inbox import repository
from ledgerline.landing.inbox.commit import Inbox
from ledgerline.runtime import environment, stack
from ledgerline.runtime.host.given_secrets import require_own_secrets
from ledgerline.runtime.warehouse import role_dsn
from ledgerline.secrets import load_or_create
from ledgerline.settings import MllpSettings, Settings

log = logging.getLogger(__name__)

ROLE = "listener"
_REPORT_SECONDS = 60.0


def listen(settings: Settings, say: Callable[[str], None]) -> None:
    """Listen until SIGTERM or SIGINT; then answer what is being committed and end.

    Raises ConfigurationInvalid when the port, the certificate or the warehouse cannot
    be used, SecretRefused when a secret is none. A warehouse that does not answer is
    waited for.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    if not settings.sandbox:
        require_own_secrets(settings, os.environ)
    certificate = _certificate(settings.mllp)
    asyncio.run(_serve(_prepared(settings), settings, certificate, say))


def _prepared(settings: Settings) -> str:
    """Return the listener's DSN; start and migrate the embedded warehouse if needed."""
    if environment.WAREHOUSE not in os.environ:
        secrets = load_or_create(settings.home)
        stack.start_postgres(settings)
        owner = environment.warehouse_connection(settings, secrets["postgres"])
        stack.migrate_warehouse({environment.WAREHOUSE: owner}, secrets)
    return role_dsn(settings, ROLE)


def _certificate(mllp: MllpSettings) -> ssl.SSLContext | None:
    if mllp.tls_certificate is None:
        return None
    return tls.context(mllp.tls_certificate, mllp.tls_key, mllp.tls_client_authority)


async def _serve(
    dsn: str,
    settings: Settings,
    certificate: ssl.SSLContext | None,
    say: Callable[[str], None],
) -> None:
    try:
        await repository.require(dsn)
    except SourceUnavailable as error:
        log.warning("%s", error)
    inbox = Inbox(dsn)
    terms = Terms(commit=inbox.commit, limits=_limits(settings.mllp))
    listener = Listener(terms, certificate)
    port = await listener.start(settings.mllp.host, settings.mllp_port)
    with_tls = "with TLS" if certificate else "without TLS"
    say(f"HL7 v2 (MLLP) on {settings.mllp.host}:{port} {with_tls}")
    writing = asyncio.create_task(inbox.run())
    reporting = asyncio.create_task(_report(listener))
    await _until_stopped(writing, reporting)
    await listener.stop()
    for task in (writing, reporting):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    _say_counts(terms.tally, listener.open_connections)


async def _until_stopped(*working: asyncio.Task[None]) -> None:
    """Wait for a signal, or for a part that ended and should not have."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, *working}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


async def _report(listener: Listener) -> None:
    """Log the counts once a minute when they changed."""
    said = None
    while True:
        await asyncio.sleep(_REPORT_SECONDS)
        counts = dataclasses.astuple(listener.terms.tally)
        if counts != said:
            said = counts
            _say_counts(listener.terms.tally, listener.open_connections)


def _say_counts(tally: Tally, open_connections: int) -> None:
    counts = dataclasses.asdict(tally).items()
    said = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts)
    log.info("open connections %d; since the start: %s", open_connections, said)


def _limits(mllp: MllpSettings) -> Limits:
    return Limits(
        connections=mllp.connections,
        idle_seconds=float(mllp.idle_seconds),
        receive_seconds=float(mllp.receive_seconds),
    )
