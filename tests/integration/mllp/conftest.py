"""A listener over a fresh warehouse, one a module."""

import pytest

from tests.conftest import free_port
from tests.integration.mllp.service import Sender, Service


@pytest.fixture(scope="module")
def service(tmp_path_factory, warehouse_dsn):
    home = tmp_path_factory.mktemp("home")
    running = Service(
        home, warehouse_dsn, free_port(), LEDGERLINE_MLLP_RECEIVE_SECONDS="20"
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def sender(service):
    with Sender(service.port) as plug:
        yield plug
