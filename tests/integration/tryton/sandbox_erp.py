"""A sandbox ERP as its command line makes it, for tests."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

from ledgerline.canonical.endpoint import Endpoint
from sandbox.erp.rpc import Rpc
from tests.conftest import free_port
from tests.integration.tryton import small_hospital

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclasses.dataclass(frozen=True)
class Erp:
    """One home's sandbox ERP."""

    home: Path
    port: int
    database_url: str

    @property
    def folder(self):
        return self.home / "sandbox" / "erp"

    @property
    def pid(self):
        return int((self.folder / "trytond.pid").read_text())

    def run(self, command, *more, port=None):
        database = (
            () if command == "erp-down" else ("--database-url", self.database_url)
        )
        return subprocess.run(
            [
                *(sys.executable, "-m", "sandbox", command),
                *("--home", self.home, "--port", str(port or self.port)),
                *("--erp-python", REPOSITORY / ".venv-erp" / "bin" / "python"),
                *(*database, *more),
            ],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "include")},
            capture_output=True,
            text=True,
            timeout=600,
        )

    def up(self, *more, port=None):
        done = self.run("erp-up", *more, port=port)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def endpoint(self, **changes):
        described = json.loads((self.folder / "connection.json").read_text())
        return Endpoint(conn_id="erp", **{**described, **changes})

    def administrator(self):
        password = (self.folder / "admin_password").read_text()
        rpc = Rpc(f"http://127.0.0.1:{self.port}", self.database, "admin", password)
        rpc.context["company"] = rpc.find_id("company.company", [])
        return rpc

    @property
    def database(self):
        return self.database_url.rpartition("/")[2]


def new_erp(tmp_path_factory, postgres_server, name):
    """Describe an ERP of the small hospital; nothing is set up."""
    home = tmp_path_factory.mktemp(name)
    small_hospital.write(home / "sandbox" / "erp")
    return Erp(home=home, port=free_port(), database_url=postgres_server.dsn(name))
