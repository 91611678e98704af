"""One embedded PostgreSQL a session; a fresh warehouse a test module."""

import os
import secrets
import shutil
import socket
import tempfile
import uuid

import psycopg
import pytest
from xdist.scheduler import LoadScopeScheduling

from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate
from tests.dbt_manifest import CACHE

LONGEST = ("tests/warehouse/", "tests/e2e/", "tests/models/")
"""They start first, so that all workers end at about the same time."""


class OneHospitalOneWorker(LoadScopeScheduling):
    """A file a worker; all of tests/warehouse where its hospital is built."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "tests/warehouse" if file.startswith("tests/warehouse/") else file


def pytest_xdist_make_scheduler(config, log):
    return OneHospitalOneWorker(config, log)


def pytest_configure(config):
    """Workers share what dbt read of the project; the controller keeps it for them."""
    if not hasattr(config, "workerinput"):
        os.environ[CACHE] = tempfile.mkdtemp(prefix="ledgerline-parsed-")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[CACHE])


def pytest_collection_modifyitems(items):
    items.sort(
        key=lambda item: [not item.nodeid.startswith(folder) for folder in LONGEST]
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def discard(server):
    """Stop a server and remove its data, wherever they lie."""
    server.stop()
    shutil.rmtree(server.data.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    server = EmbeddedPostgres(folder, free_port(), secrets.token_urlsafe(12))
    server.start()
    yield server
    discard(server)


@pytest.fixture(scope="session")
def warehouse_template(postgres_server):
    postgres_server.create_database("warehouse_template")
    migrate(postgres_server.dsn("warehouse_template"))
    return "warehouse_template"


@pytest.fixture(scope="module")
def warehouse_dsn(postgres_server, warehouse_template):
    """The superuser's DSN of a fresh, migrated, empty warehouse."""
    name = f"test_{uuid.uuid4().hex[:5]}"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {warehouse_template}")
    return postgres_server.dsn(name)
