"""A warehouse that dbt built from the sandbox hospital, and the truth to compare."""

import csv
import os
import secrets
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.warehouse.build import build_from_sandbox
from tests.warehouse.publishing import Published, copied

BUILT = "test_built"


@dataclass(frozen=True, kw_only=True)
class BuiltWarehouse:
    """A built warehouse and the folder `truth` of the hospital it was built from."""

    dsn: str
    truth: Path

    def rows(self, query):
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()

    def value(self, query):
        [row] = self.rows(query)
        [value] = row.values()
        return value

    def true_rows(self, name):
        with (self.truth / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def true_sum(self, name, column):
        return sum(Decimal(row[column] or 0) for row in self.true_rows(name))


@pytest.fixture(scope="session")
def built_warehouse(request, tmp_path_factory):
    """The warehouse at LEDGERLINE_TEST_WAREHOUSE (a DSN), else one built here.

    LEDGERLINE_TEST_TRUTH names the truth folder that belongs to the DSN.
    """
    dsn = os.environ.get("LEDGERLINE_TEST_WAREHOUSE")
    if dsn:
        truth = Path(os.environ["LEDGERLINE_TEST_TRUTH"])
        return BuiltWarehouse(dsn=dsn, truth=truth)
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("warehouse_template")
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {BUILT} template {template}")
    home = tmp_path_factory.mktemp("built_warehouse")
    dsn = server.dsn(BUILT)
    build_from_sandbox(dsn, home, secrets.token_urlsafe(12))
    return BuiltWarehouse(dsn=dsn, truth=home / "sandbox" / "truth")


@pytest.fixture(scope="session")
def published_warehouse(built_warehouse):
    """A copy of the built warehouse, published; see `Published`."""
    with copied(built_warehouse.dsn, "published_warehouse") as dsn:
        yield Published(dsn)
