"""The FHIR server's process: its settings, its two clients, start, stop and health."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.process import ServerProcess, write_private

START_SECONDS = 120.0
CLIENT = "ledgerline"
TOKEN_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Server:
    """One sekmet, known by its settings file.

    The product is its SMART Backend Services client and may read; whoever loads the
    extract shows a token that only the settings know.
    """

    folder: Path
    logs: Path
    port: int
    python: Path

    @property
    def base_url(self) -> str:
        """The FHIR base."""
        return f"http://127.0.0.1:{self.port}/fhir"

    @property
    def settings(self) -> Path:
        """The settings file; it holds the loader's token."""
        return self.folder / "settings.yaml"

    @property
    def database(self) -> Path:
        """The server's SQLite database."""
        return self.folder / "data" / "sekmet.db"

    @property
    def private_key(self) -> Path:
        """The product's private key."""
        return self.folder / "client_key.pem"

    @property
    def token(self) -> str:
        """The loader's token, as the settings have it."""
        given = json.loads(self.settings.read_text())["server_auth"]["tokens"][0]
        return str(given)

    def configure(self) -> None:
        """Write settings and keys; a server that runs under others is stopped."""
        public_key = self.folder / "client_key.pub"
        if not (self.private_key.is_file() and public_key.is_file()):
            _write_keys(self.private_key, public_key)
        old = self.settings.read_text() if self.settings.is_file() else ""
        token = self.token if old else secrets.token_urlsafe(32)
        text = json.dumps(self._described(public_key, token), indent=2)
        if text != old:
            self.stop()
            write_private(self.settings, text)

    def start(self) -> None:
        """Start and return once it answers; what old exports left is removed."""
        shutil.rmtree(self.database.parent / "bulk", ignore_errors=True)
        self._process().start(self.answers, START_SECONDS)

    def stop(self) -> bool:
        """Stop the server if it runs."""
        return self._process().stop()

    def is_running(self) -> bool:
        """Tell whether our server runs and answers."""
        return self._process().pid() is not None and self.answers()

    def forget(self) -> None:
        """Remove everything that was loaded."""
        self.stop()
        shutil.rmtree(self.database.parent, ignore_errors=True)

    def answers(self) -> bool:
        """Tell whether the server answers."""
        url = f"{self.base_url}/.well-known/smart-configuration"
        try:
            answer = httpx.get(url, timeout=30, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def _process(self) -> ServerProcess:
        module = (self.python, "-m", "sekmet.cli")
        return ServerProcess(
            name="the FHIR server",
            command=[*module, "serve", "--config", self.settings],
            pid_file=self.folder / "sekmet.pid",
            log=self.logs / "sekmet.log",
            port=self.port,
            mark=str(self.settings),
        )

    def _described(self, public_key: Path, token: str) -> dict[str, object]:
        """Return the settings: no simulator, no log of bodies, strict validation."""
        client = {
            "client_id": CLIENT,
            "public_key_path": str(public_key),
            "scopes": "system/*.read",
        }
        return {
            "base_url": self.base_url,
            "host": "127.0.0.1",
            "port": self.port,
            "data_dir": str(self.database.parent),
            "own_private_key_path": str(self.folder / "none.pem"),
            "server_auth": {
                "types": ["smart", "bearer"],
                "tokens": [token],
                "smart_clients": [client],
                "token_lifetime": TOKEN_SECONDS,
            },
            "validation": {"inbound": "strict"},
            "simulator": {"enabled": False, "delay_seconds": 0},
            "log_inbound": False,
        }


def _write_keys(private_key: Path, public_key: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_private(private_key, private.decode())
    public_key.write_bytes(public)
