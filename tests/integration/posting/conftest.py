"""The stub ERP of a test, and a warehouse found on another timeline."""

import uuid
from contextlib import contextmanager

import psycopg
import pytest

from ledgerline.posting import propose
from tests.integration.posting.people import behind_the_rules
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish


@pytest.fixture
def entry(dsn):
    """A HELD entry of a passing publication, in an open transaction."""
    publish(dsn, journal("100.00"))
    propose(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def erp():
    return Erp()


@pytest.fixture
def port(erp):
    with running(erp) as number:
        yield StubPort(number)


@contextmanager
def restored(server, dsn):
    """The warehouse as it is now, found again on another timeline."""
    name = f"past_{uuid.uuid4().hex[:12]}"
    source = dsn.rpartition("/")[2]
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {source}")
    behind_the_rules(server.dsn(name), "update ops.restore set cluster = '1/00000001'")
    yield server.dsn(name)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def snapshot(postgres_server, dsn):
    """Takes the warehouse as it is when called."""
    opened = []

    def take():
        opened.append(restored(postgres_server, dsn))
        return opened[-1].__enter__()

    yield take
    for each in opened:
        each.__exit__(None, None, None)
