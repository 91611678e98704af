"""The warehouse of the sandbox hospital, and the truth to compare it with."""

import csv
import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from ledgerline import settings
from ledgerline.operations.lines import access
from ledgerline.runtime.session import end
from ledgerline.runtime.superset import service
from ledgerline.runtime.superset.dashboards import import_dashboards
from tests.conftest import open_browser
from tests.hospital import FIRST_RUN
from tests.warehouse.dashboard_figures import OWN
from tests.warehouse.dashboard_reading import DIRECTOR, Reader
from tests.warehouse.publishing import Published, copied


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
def built_warehouse(request):
    """The warehouse at LEDGERLINE_TEST_WAREHOUSE (a DSN), else a copy of a hospital's.

    LEDGERLINE_TEST_TRUTH names the truth folder that belongs to the DSN.
    """
    dsn = os.environ.get("LEDGERLINE_TEST_WAREHOUSE")
    if dsn:
        truth = Path(os.environ["LEDGERLINE_TEST_TRUTH"])
        return BuiltWarehouse(dsn=dsn, truth=truth)
    hospital, _ = request.getfixturevalue("hospital_day")
    dsn = make_conninfo(hospital.dsn, dbname=FIRST_RUN)
    return BuiltWarehouse(dsn=dsn, truth=hospital.home / "sandbox" / "truth")


@pytest.fixture(scope="session")
def order_numbers(built_warehouse):
    """The number that the ERP gave to each order of the truth."""
    given = {
        (row["supplier_code"], str(row["order_date"])): row["purchase_order_number"]
        for row in built_warehouse.rows(
            "select distinct supplier_code, order_date, purchase_order_number "
            "from candidate_conformed.fct_purchase_order_line"
        )
    }
    assert len(set(given.values())) == len(given)
    return {
        row["order_number"]: given[row["supplier_code"], row["order_date"]]
        for row in built_warehouse.true_rows("purchase_order")
    }


@pytest.fixture
def warehouse_server(built_warehouse, request):
    """The server of the built warehouse, to be killed."""
    if "LEDGERLINE_TEST_WAREHOUSE" in os.environ:
        pytest.skip("its server is not ours to kill")
    return request.getfixturevalue("hospital_day")[0].server


@pytest.fixture(scope="session")
def published_warehouse(built_warehouse):
    """A copy of the built warehouse, published; see `Published`."""
    with copied(built_warehouse.dsn, "published_warehouse") as dsn:
        yield Published(dsn)


@pytest.fixture(scope="session")
def hospital(hospital_day):
    return hospital_day[0]


@pytest.fixture(scope="session")
def home(hospital):
    """The hospital's home with Superset in it, the dashboards imported twice."""
    here = settings.load(hospital.environment)
    if DIRECTOR not in access.directors(hospital.dsn):
        number = access.give(hospital.dsn, DIRECTOR, OWN, "Ann Lee")
        access.decide(hospital.dsn, number, "approved", "Bo Kim")
    service.open_logins(here, hospital.dsn, [DIRECTOR])
    service.start(here, [DIRECTOR])
    import_dashboards(here, hospital.dsn)
    import_dashboards(here, hospital.dsn)
    yield here
    end([service.process(here)])


@pytest.fixture(scope="session")
def browser():
    yield from open_browser()


@pytest.fixture(scope="session")
def seen(browser, home):
    """What each account sees of each page."""
    known = {}

    def see(name, slug):
        if name not in known:
            known[name] = (Reader(browser, home, name), {})
        reader, pages = known[name]
        if slug not in pages:
            pages[slug] = reader.read(slug)
        assert reader.left == []
        return pages[slug]

    return see
