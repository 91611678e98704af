"""The ERP's server process: its configuration, start, stop and health."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 180.0
STOP_SECONDS = 10.0


class ServerFailed(Exception):
    """The ERP's server does not start, or its port is somebody else's."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """One trytond in a process group of its own, known by its pid file."""

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

    @property
    def _pid_file(self) -> Path:
        return self.folder / "trytond.pid"

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
        self.stop()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise ServerFailed(
                    f"port {self.port} is taken: stop what listens there or set "
                    "LEDGERLINE_PORT_BASE to another number"
                ) from error
        with (self.logs / "trytond.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [
                    self.python.parent / "trytond",
                    *("-c", self.configuration, "-d", database),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(str(process.pid))
        deadline = time.monotonic() + START_SECONDS
        while not self.answers(database):
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(
                    f"the ERP's server does not start; see {self.logs / 'trytond.log'}"
                )
            time.sleep(0.1)

    def stop(self) -> bool:
        """Stop the server if it runs: TERM, then KILL, to its whole group."""
        pid = self.pid()
        if pid is None:
            self._pid_file.unlink(missing_ok=True)
            return False
        for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.killpg(pid, number)
            if _gone(pid, patience):
                break
        self._pid_file.unlink(missing_ok=True)
        return True

    def pid(self) -> int | None:
        """Return the pid if the process is alive and still our trytond."""
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(self.configuration) in _command(pid) else None

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


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f"{path.suffix}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _gone(pid: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        # A killed orphan stays a zombie where process 1 does not reap: no command.
        if not _command(pid):
            return True
        time.sleep(0.05)
    return False


def _command(pid: int) -> str:
    proc = Path("/proc")
    if proc.is_dir():
        try:
            return (proc / str(pid) / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "args=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return listing.stdout
