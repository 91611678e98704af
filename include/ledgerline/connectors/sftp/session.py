"""A session with an SFTP server, made anew when it is lost.

A connection says who we are and whom we trust in the words of Airflow's own SFTP
connections: `login` and `password`, or a `private_key` (PEM) or `key_file` in the
extra with its `private_key_passphrase`; `host_key` is the server's public key. Without
one, `~/.ssh/known_hosts` must know the server: nobody is trusted at first sight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import asyncssh
import stamina

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    LedgerlineError,
    SourceUnavailable,
)

_PORT = 22
_ATTEMPTS = 3
_LONGEST_WAIT = 20.0
_PATIENCE = {
    "connect_timeout": 30,
    "login_timeout": 60,
    "keepalive_interval": 15,
    "keepalive_count_max": 4,
}
_DEFAULT_KEY_TYPE = "ssh-rsa"
"""What Airflow takes a host key for that does not tell its type."""

asyncssh.set_log_level("WARNING")

Result = TypeVar("Result")


class Session:
    """One connection at a time; work that it fails is tried again on a new one.

    `run` raises SourceUnavailable when the server is not there or breaks off,
    AuthenticationFailed when it refuses us, ConfigurationInvalid when the connection
    cannot be used or the server is not the one that it names. What the server says of
    one file comes as asyncssh.SFTPError.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Read the connection; nothing is opened yet."""
        self._options = _options(endpoint)
        self._where = (
            f"the SFTP server {endpoint.host} of connection {endpoint.conn_id}"
        )
        self._runner = asyncio.Runner()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection, if there is one."""
        self._runner.run(self._close())
        self._runner.close()

    def run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[Result]]) -> Result:
        """Return what a piece of work makes of the server."""
        for attempt in stamina.retry_context(
            on=SourceUnavailable,
            attempts=_ATTEMPTS,
            timeout=None,
            wait_max=_LONGEST_WAIT,
        ):
            with attempt:
                return self._runner.run(self._tried(work))
        raise AssertionError("retry_context always makes an attempt")

    async def _tried(
        self, work: Callable[[asyncssh.SFTPClient], Awaitable[Result]]
    ) -> Result:
        try:
            return await work(await self._opened())
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost) as error:
            failed: Exception = error
        except asyncssh.SFTPError:
            raise
        except (asyncssh.Error, OSError) as error:
            failed = error
        await self._close()
        raise self._refusal(failed) from failed

    async def _opened(self) -> asyncssh.SFTPClient:
        if self._client is None:
            self._connection = await asyncssh.connect(**self._options)
            self._client = await self._connection.start_sftp_client()
        return self._client

    async def _close(self) -> None:
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()

    def _refusal(self, error: Exception) -> LedgerlineError:
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            return ConfigurationInvalid(
                f"{self._where} is not the one that we know: its host key is not that "
                "of the extra host_key, nor one of ~/.ssh/known_hosts; put the key "
                "that its operator confirms into host_key"
            )
        if isinstance(error, asyncssh.PermissionDenied):
            return AuthenticationFailed(
                f"{self._where} refuses our login; correct its login, password or key"
            )
        return SourceUnavailable(
            f"{self._where} does not answer or broke off ({type(error).__name__}); see "
            "whether it is up, then run again"
        )


def _options(endpoint: Endpoint) -> dict[str, Any]:
    """Return what asyncssh needs, with nothing taken from the user's own SSH set-up."""
    if not endpoint.host:
        raise ConfigurationInvalid(
            f"connection {endpoint.conn_id} names no host; give it one"
        )
    options: dict[str, Any] = {
        "host": endpoint.host,
        "port": endpoint.port or _PORT,
        "username": endpoint.login,
        "password": endpoint.password or None,
        "client_keys": _own_keys(endpoint),
        "agent_path": None,
        "config": None,
        **_PATIENCE,
    }
    if trusted := endpoint.extra.get("host_key"):
        options["known_hosts"] = ([_host_key(endpoint, str(trusted))], [], [])
    return options


def _own_keys(endpoint: Endpoint) -> list[asyncssh.SSHKey] | None:
    extra = endpoint.extra
    passphrase = extra.get("private_key_passphrase")
    try:
        if text := extra.get("private_key"):
            return [asyncssh.import_private_key(str(text), passphrase)]
        if file := extra.get("key_file"):
            return [asyncssh.read_private_key(str(file), passphrase)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError) as error:
        raise ConfigurationInvalid(
            f"the private key of connection {endpoint.conn_id} cannot be read "
            f"({type(error).__name__}); correct private_key, key_file or "
            "private_key_passphrase in its extra"
        ) from error
    return None


def _host_key(endpoint: Endpoint, text: str) -> asyncssh.SSHKey:
    typed = text if " " in text.strip() else f"{_DEFAULT_KEY_TYPE} {text}"
    try:
        return asyncssh.import_public_key(typed)
    except asyncssh.KeyImportError as error:
        raise ConfigurationInvalid(
            f"the host_key of connection {endpoint.conn_id} is no public key; write it "
            "as known_hosts does, its type before it"
        ) from error
