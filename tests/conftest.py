"""One embedded PostgreSQL a session; a fresh warehouse a test module."""

import secrets
import shutil
import socket
import uuid

import psycopg
import pytest

from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate


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
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {warehouse_template}")
    return postgres_server.dsn(name)
