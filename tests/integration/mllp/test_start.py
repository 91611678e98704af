"""The listener says in one sentence why it cannot start, or waits for PostgreSQL."""

import os
import socket
import subprocess
import sys
import uuid

import psycopg
import pytest

from ledgerline import settings
from ledgerline.canonical.errors import ConfigurationInvalid
from tests.conftest import free_port
from tests.integration.mllp.service import ROOT, Service

pytestmark = pytest.mark.integration


def sentence(service):
    """What a listener that ends at once says."""
    done = subprocess.run(
        [sys.executable, "-m", "ledgerline.cli", "listen"],
        env=service.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_a_taken_port_is_named(tmp_path, warehouse_dsn):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = sentence(Service(tmp_path, warehouse_dsn, port))
    assert said.startswith(f"CONFIGURATION: cannot listen on 127.0.0.1:{port}")


def test_a_certificate_that_cannot_be_read_is_named_by_its_variable(
    tmp_path, warehouse_dsn
):
    (tmp_path / "empty.pem").touch()
    for name in ("empty.pem", "missing.pem"):
        path = str(tmp_path / name)
        service = Service(
            tmp_path,
            warehouse_dsn,
            free_port(),
            LEDGERLINE_MLLP_TLS_CERTIFICATE=path,
        )
        assert "LEDGERLINE_MLLP_TLS_CERTIFICATE" in sentence(service)


def test_a_warehouse_that_was_never_prepared_is_said(
    tmp_path, warehouse_dsn, postgres_server
):
    service = Service(tmp_path, warehouse_dsn, free_port())
    name = f"empty_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    service.environment["AIRFLOW_CONN_WAREHOUSE"] = postgres_server.dsn(name)
    assert "ledgerline prepare" in sentence(service)


def test_it_stands_on_loopback_beside_the_other_ports_unless_told():
    plain = settings.load({})
    assert (plain.mllp.host, plain.mllp_port) == ("127.0.0.1", plain.port_base + 5)
    told = settings.load(
        {
            "LEDGERLINE_PORT_BASE": "20000",
            "LEDGERLINE_MLLP_HOST": "0.0.0.0",
            "LEDGERLINE_MLLP_PORT": "2575",
            "LEDGERLINE_MLLP_CONNECTIONS": "7",
        }
    )
    assert (told.mllp.host, told.mllp_port) == ("0.0.0.0", 2575)
    assert told.mllp.connections == 7


@pytest.mark.parametrize(
    "variables",
    [
        {"LEDGERLINE_MLLP_PORT": "70000"},
        {"LEDGERLINE_MLLP_PORT": "0"},
        {"LEDGERLINE_MLLP_CONNECTIONS": "many"},
        {"LEDGERLINE_MLLP_IDLE_SECONDS": "-1"},
        {"LEDGERLINE_MLLP_TLS_KEY": "/key.pem"},
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variables):
    with pytest.raises(ConfigurationInvalid, match="LEDGERLINE_MLLP_"):
        settings.load(variables)


def test_alone_it_prepares_the_embedded_warehouse_itself(tmp_path, warehouse_dsn):
    service = Service(tmp_path / "home", warehouse_dsn, free_port())
    service.environment.pop("AIRFLOW_CONN_WAREHOUSE")
    service.environment["LEDGERLINE_PORT_BASE"] = str(free_port())
    service.environment["LEDGERLINE_SANDBOX"] = "0"
    try:
        service.start()
        assert service.stop() == 0
    finally:
        subprocess.run(
            [sys.executable, "-m", "ledgerline.cli", "down"],
            env=service.environment | {"PYTHONPATH": str(ROOT / "include")},
            check=True,
            cwd=os.fspath(tmp_path),
        )
