"""A warehouse of its own for each test, and messages landed into it."""

import psycopg
import pytest

from ledgerline.connectors.hl7_folder import source
from ledgerline.landing.land import land
from tests.integration.landing.folder_source import endpoint


@pytest.fixture
def warehouse(dsn):
    return dsn


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
