"""The embedded server survives what a machine does to it."""

import os
import secrets
import signal
import socket

import psycopg
import pytest

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime.postgres import EmbeddedPostgres
from tests.conftest import discard, free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def server(tmp_path):
    server = EmbeddedPostgres(tmp_path / "pg", free_port(), secrets.token_urlsafe(12))
    yield server
    discard(server)


def test_what_was_committed_survives_a_kill(server):
    server.start()
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")
    postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    server.start()
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def test_starting_twice_is_starting_once(server):
    server.start()
    server.start()
    assert server.is_running()


def test_nobody_enters_without_the_password(server):
    server.start()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://ledgerline@127.0.0.1:{server.port}/postgres")


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = EmbeddedPostgres(tmp_path / "pg", port, "secret")
        with pytest.raises(ConfigurationInvalid, match=f"port {port} is taken"):
            server.start()


def test_a_server_on_another_port_is_named(server):
    server.start()
    elsewhere = EmbeddedPostgres(server.data.parent, free_port(), "secret")
    with pytest.raises(ConfigurationInvalid, match=f"runs on port {server.port}"):
        elsewhere.start()


def test_a_removed_home_starts_over(server, tmp_path):
    server.start()
    discard(server)
    (tmp_path / "pg.location").unlink(missing_ok=True)
    anew = EmbeddedPostgres(tmp_path / "pg", server.port, "another secret")
    anew.start()
    psycopg.connect(anew.dsn()).close()
    discard(anew)
