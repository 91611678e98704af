"""A connection to the warehouse of the test module."""

import psycopg
import pytest


@pytest.fixture
def connection(warehouse_dsn):
    with psycopg.connect(warehouse_dsn, autocommit=True) as opened:
        yield opened
