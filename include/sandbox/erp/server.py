"""The ERP's server: its configuration, start, stop and health."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox.process import ServerProcess, write_private

START_SECONDS = 180.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """One trytond, known by its configuration file."""

    folder: Path
    logs: Path
    port: int
    python: Path

    @property
    def configuration(self) -> Path:
        """The configuration file of this server."""
        return self.folder / "trytond.conf"

    @property
    def url(self) -> str:
        """The HTTP origin."""
        return f"http://127.0.0.1:{self.port}"

    def configure(self, database_url: str) -> None:
        """Write the configuration; it holds a password, so only we may read it."""
        text = (
            f"[web]\nlisten = 127.0.0.1:{self.port}\nroot =\n"
            f"[database]\nuri = {database_url}\nretry = 25\nlist = False\n"
            f"path = {self.folder / 'files'}\n"
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        write_private(self.configuration, text)

    def start(self, database: str) -> None:
        """Start serving a database and return once it answers."""
        self._process(database).start(lambda: self.answers(database), START_SECONDS)

    def stop(self) -> bool:
        """Stop the server if it runs."""
        return self._process().stop()

    def pid(self) -> int | None:
        """Return the pid if the process is alive and still our trytond."""
        return self._process().pid()

    def answers(self, database: str) -> bool:
        """Say whether the server answers for this database."""
        try:
            answer = httpx.get(
                f"{self.url}/{database}/rest/model/company.company",
                headers={"Authorization": "bearer none"},
                timeout=30,
                trust_env=False,
            )
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.UNAUTHORIZED

    def _process(self, database: str = "") -> ServerProcess:
        executable = self.python.parent / "trytond"
        return ServerProcess(
            name="the ERP's server",
            command=[executable, "-c", self.configuration, "-d", database],
            pid_file=self.folder / "trytond.pid",
            log=self.logs / "trytond.log",
            port=self.port,
            mark=str(self.configuration),
        )
