"""Long-running server processes: known by their pid file, ours only by their command.

A server leads a process group of its own, so that it outlives who started it, and is
stopped with everything that it forked. A pid that the system gave to another program
is never signalled: the mark, a path of ours, must stand in the process's command.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 10.0


class ServerFailed(Exception):
    """A server does not start, or its port is somebody else's."""


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """One server: its command, pid file, log, port and the mark in its command."""

    name: str
    command: Sequence[str | Path]
    pid_file: Path
    log: Path
    port: int
    mark: str

    def start(self, answers: Callable[[], bool], patience: float) -> None:
        """Start afresh and return once it answers; raises ServerFailed."""
        self.stop()
        self._require_port()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid_file.write_text(str(process.pid))
        deadline = time.monotonic() + patience
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.name} does not start; see {self.log}")
            time.sleep(0.1)

    def stop(self) -> bool:
        """Stop the server if it runs: TERM, then KILL, to its whole group."""
        pid = self.pid()
        if pid is None:
            self.pid_file.unlink(missing_ok=True)
            return False
        for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.killpg(pid, number)
            if _gone(pid, patience):
                break
        self.pid_file.unlink(missing_ok=True)
        return True

    def pid(self) -> int | None:
        """Return the pid if the process is alive and still our server."""
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if self.mark in _command(pid) else None

    def _require_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise ServerFailed(
                    f"port {self.port} is taken: stop what listens there or set "
                    "LEDGERLINE_PORT_BASE to another number"
                ) from error


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
