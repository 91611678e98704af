"""A long-running process of ours: started, found again and ended.

Each leads a session of its own and holds a lock on its pid file for as long as it, or a
child that it forked, lives: so a pid that the system has given to another program is
never signalled. Children that outlive it are ended when it starts again.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """One long-running process: its name, module, arguments, pid file and log.

    `python` is the interpreter of the virtual environment that it runs in.
    """

    name: str
    arguments: tuple[str, ...]
    pid_file: Path
    log: Path
    python: str = sys.executable

    def start(self, env: Mapping[str, str]) -> None:
        """Start it in a session of its own, unless it runs."""
        if not self.is_led():
            end([self])
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        with self.pid_file.open("a+") as held, self.log.open("ab") as log:
            if not _lock(held.fileno()):
                return
            started = subprocess.Popen(  # noqa: S603
                [self.python, "-m", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(env),
                pass_fds=[held.fileno()],
                start_new_session=True,
            )
            held.truncate(0)
            held.write(str(started.pid))
            started.returncode = 0  # it outlives us: nobody waits for it

    def is_running(self) -> bool:
        """Tell whether the process or a child that it forked lives."""
        if not self.pid_file.exists():
            return False
        with self.pid_file.open("a+") as held:
            return not _lock(held.fileno())

    def is_led(self) -> bool:
        """Tell whether the process itself lives, not only children of it."""
        leader = self.leader()
        return leader is not None and bool({leader, -leader} & {*members([leader])})

    def leader(self) -> int | None:
        """Return the pid that leads its session, if it runs."""
        return int(self.pid_file.read_text()) if self.is_running() else None


def end(known: Collection[Process]) -> None:
    """Stop processes: TERM, then KILL; wait for the end."""
    leaders = {leader for process in known if (leader := process.leader())}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in members(leaders):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while members(leaders) and time.monotonic() < deadline:
            time.sleep(0.1)
    for process in known:
        process.pid_file.unlink(missing_ok=True)


def members(leaders: Collection[int]) -> list[int]:
    """Return who lives in the leaders' sessions.

    Airflow puts each running task into a process group of its own, so that a group is
    not enough; it is all there is where the system has no /proc.
    """
    if not Path("/proc/self/stat").exists():
        return [-leader for leader in leaders if _is_alive(-leader)]
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = stat.read_text().partition(" ")
            state, _, _, session = rest.rpartition(")")[2].split()[:4]
            if int(session) in leaders and state != "Z":
                members.append(int(pid))
    return members


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
