"""Airflow's own API server with the page, over a warehouse where documents wait."""

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
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(ROLES, PASSWORD)))
    base = f"http://127.0.0.1:{port}"
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "include"),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:{role}" for name, role in ROLES.items()
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__API__WORKERS": "2",
        "AIRFLOW_CONN_WAREHOUSE": dsn.replace("postgresql://", "postgres://"),
    }


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


@pytest.fixture(scope="package")
def site(postgres_server, warehouse_template, tmp_path_factory):
    """A site where 60 documents of 1.00 USD are DEAD."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    name = copy_database(postgres_server, warehouse_template)
    dsn, port = postgres_server.dsn(name), free_port()
    dead_entries(dsn, 60)
    pace(dsn, 1_000_000)
    env, airflow = environment(home, port, dsn), [sys.executable, "-m", "airflow"]
    subprocess.run([*airflow, "db", "migrate"], env=env, check=True, cwd=home)
    log = home / "api-server.log"
    command = [*airflow, "api-server", "--host", "127.0.0.1", "--port", str(port)]
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
