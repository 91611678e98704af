"""A warehouse of its own for each test, and messages landed into it."""

import uuid

import psycopg
import pytest

from ledgerline.connectors.hl7_folder import source
from ledgerline.landing.land import land
from tests.integration.landing.folder_source import endpoint


@pytest.fixture
def warehouse(postgres_server, warehouse_template):
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {warehouse_template}")
    return postgres_server.dsn(name)


@pytest.fixture
def connection(warehouse):
    with psycopg.connect(warehouse, autocommit=True) as opened:
        yield opened


@pytest.fixture
def feed(tmp_path, warehouse):
    """Land messages as one more file of the feed; returns the landing's report."""
    folder = tmp_path / "feed"
    folder.mkdir()
    numbers = iter(range(1000))

    def deliver(*messages):
        path = folder / f"{next(numbers):03}.hl7"
        path.write_bytes(b"".join(messages))
        return land(warehouse, source(endpoint(folder)))

    return deliver
