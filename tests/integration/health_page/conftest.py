"""Airflow's own API server with the page, over a warehouse where documents wait.

Under the auth manager of `make up`, and in the long tests under that of
docker-compose.yml, as its image has it installed.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from ledgerline.runtime.processes import run
from ledgerline.runtime.stack import airflow_steps
from tests.conftest import copy_database, free_port
from tests.integration.posting.people import dead_entries
from tests.integration.posting.warehouse import rows

ROOT = Path(__file__).resolve().parents[3]
ROLES = {
    "ann": "op",
    "bo": "admin",
    "cy": "admin",
    "eve": "viewer",
    "mallory": "user",
}
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
FAB_ROLES = {
    "ann": ["Op", "Ledgerline operator"],
    "bo": ["Admin"],
    "cy": ["Viewer", "Ledgerline approver"],
    "eve": ["Viewer", "Ledgerline viewer"],
    "mallory": ["User", "Ledgerline viewer"],
    "olaf": ["Op"],
}
ADD_ACCOUNTS = """
import json, sys
from airflow.providers.fab.auth_manager.cli_commands.utils import (
    get_application_builder,
)
told = json.load(sys.stdin)
with get_application_builder() as builder:
    for name, roles in told["roles"].items():
        had = [builder.sm.find_role(role) for role in roles]
        of = name, name, name, f"{name}@example.org", had
        assert builder.sm.add_user(*of, password=told["password"])
"""
PASSWORD = secrets.token_urlsafe(12)
PATIENCE_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the page is, and the warehouse that it shows."""

    base: str
    dsn: str
    sessions: dict = field(default_factory=dict)

    @property
    def page(self):
        return f"{self.base}/ledgerline/v1/"

    def client(self, name=None):
        """A client that is signed in as somebody, as the browser would be."""
        client = httpx.Client(base_url=self.base, timeout=60, trust_env=False)
        if name:
            client.cookies.set("_token", self.session(name), domain="127.0.0.1")
        return client

    def session(self, name):
        if name not in self.sessions:
            account = {"username": name, "password": PASSWORD}
            answer = httpx.post(
                f"{self.base}/auth/token", json=account, timeout=60, trust_env=False
            )
            self.sessions[name] = answer.raise_for_status().json()["access_token"]
        return self.sessions[name]

    def rows(self, query):
        return rows(self.dsn, query)


def environment(home, port, dsn):
    base = f"http://127.0.0.1:{port}"
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "include"),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__API__WORKERS": "2",
        "AIRFLOW_CONN_WAREHOUSE": dsn.replace("postgresql://", "postgres://"),
    }


def simple_accounts(home, env):
    """The accounts of the simple auth manager; return its environment and Python."""
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(ROLES, PASSWORD)))
    users = ",".join(f"{name}:{role}" for name, role in ROLES.items())
    env = env | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": users,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    run(airflow_steps(home)[0], env)
    return env, sys.executable


def fab_accounts(home, env):
    """The accounts of FAB, with the roles that `ledgerline prepare` makes."""
    env = env | {"AIRFLOW__CORE__AUTH_MANAGER": FAB}
    python = str(ROOT / ".venv-worker" / "bin" / "python")
    for step in airflow_steps(home, python):
        run(step, env)
    told = json.dumps({"roles": FAB_ROLES, "password": PASSWORD})
    command = [python, "-c", ADD_ACCOUNTS]
    subprocess.run(command, env=env, check=True, cwd=home, input=told, text=True)
    return env, python


def pace(dsn, calls):
    """Let each person make as many reads, and as many writes, a minute."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update ops.call_policy set calls = %s", [calls])
        connection.execute("delete from ops.call_pace")


def wait_for(base, process, log):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base}/api/v2/version", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise RuntimeError(log.read_text()[-3000:])


@pytest.fixture(
    scope="package", params=["simple", pytest.param("fab", marks=pytest.mark.long)]
)
def site(request, postgres_server, warehouse_template, tmp_path_factory):
    """A site where 60 documents of 1.00 USD are DEAD."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    name = copy_database(postgres_server, warehouse_template)
    dsn, port = postgres_server.dsn(name), free_port()
    dead_entries(dsn, 60)
    pace(dsn, 1_000_000)
    accounts = {"simple": simple_accounts, "fab": fab_accounts}[request.param]
    env, python = accounts(home, environment(home, port, dsn))
    log = home / "api-server.log"
    command = [python, "-m", "airflow", "api-server"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=env, cwd=home, stdout=out, stderr=subprocess.STDOUT
        )
    site = Site(base=f"http://127.0.0.1:{port}", dsn=dsn)
    try:
        wait_for(site.base, process, log)
        yield site
    finally:
        process.terminate()
        process.wait(60)
