"""One small hospital's ERP a session: real Tryton on the embedded PostgreSQL."""

import pytest

from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.journals import Journals
from ledgerline.connectors.tryton.masters import Masters
from ledgerline.connectors.tryton.stock_issues import StockIssues
from tests.integration.tryton import sandbox_erp


@pytest.fixture(scope="session")
def erp(tmp_path_factory, postgres_server):
    running = sandbox_erp.new_erp(tmp_path_factory, postgres_server, "erp_small")
    running.up()
    yield running
    running.run("erp-down")


@pytest.fixture
def client(erp):
    with TrytonClient(erp.endpoint()) as connected:
        yield connected


@pytest.fixture
def journals(client):
    return Journals(client=client, masters=Masters(client=client))


@pytest.fixture
def stock_issues(client):
    return StockIssues(client=client, masters=Masters(client=client))


@pytest.fixture
def admin(erp):
    with erp.administrator() as rpc:
        yield rpc
