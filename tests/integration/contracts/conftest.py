"""The equation, checked after every test."""

import psycopg
import pytest


@pytest.fixture(autouse=True)
def every_batch_and_file_balances(warehouse_dsn):
    yield
    with psycopg.connect(warehouse_dsn, autocommit=True) as opened:
        for query in (
            "select * from ops.landing_balance where difference_count <> 0",
            "select * from ops.landing_batch where status <> 'complete'",
            "select * from audit.broken_event()",
        ):
            assert opened.execute(query).fetchall() == []
