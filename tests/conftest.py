"""One embedded PostgreSQL a session; a fresh warehouse a test module; whole hospitals.

A hospital takes a few minutes: there are as few as the stories need.
"""

import os
import secrets
import shutil
import socket
import tempfile
import uuid
from contextlib import contextmanager

import psycopg
import pytest
from xdist.scheduler import LoadScopeScheduling

from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate
from tests.dbt_manifest import CACHE
from tests.hospital import FIRST_RUN, Hospital

HOSPITAL_DAY = (
    "tests/e2e/test_lineage_events.py",
    "tests/e2e/test_airflow_clean.py",
    "tests/e2e/test_hospital_day.py",
    "tests/warehouse/",
)
"""They look at one hospital, which one worker runs; its day comes before changes."""
LONGEST = (*HOSPITAL_DAY, "tests/e2e/", "tests/models/")
"""They start first, so that all workers end at about the same time."""

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


class OneHospitalOneWorker(LoadScopeScheduling):
    """A file a worker; all of HOSPITAL_DAY where its hospital is run."""

    def _split_scope(self, nodeid):
        is_of_the_day = nodeid.startswith(HOSPITAL_DAY)
        return "hospital day" if is_of_the_day else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config, log):
    return OneHospitalOneWorker(config, log)


def pytest_configure(config):
    """Workers share what dbt read of the project; the controller keeps it for them."""
    if not hasattr(config, "workerinput"):
        os.environ[CACHE] = tempfile.mkdtemp(prefix="ledgerline-parsed-")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[CACHE])


def pytest_collection_modifyitems(items):
    items.sort(
        key=lambda item: [not item.nodeid.startswith(folder) for folder in LONGEST]
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def discard(server):
    """Stop a server and remove its data, wherever they lie."""
    server.stop()
    shutil.rmtree(server.data.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    server = EmbeddedPostgres(folder, free_port(), secrets.token_urlsafe(12))
    server.start()
    yield server
    discard(server)


@pytest.fixture(scope="session")
def warehouse_template(postgres_server):
    postgres_server.create_database("warehouse_template")
    migrate(postgres_server.dsn("warehouse_template"))
    return "warehouse_template"


def copy_database(server, template, prefix="test"):
    """Make a database of a template; return its name, of ten characters at most."""
    name = f"{prefix}_{uuid.uuid4().hex[:5]}"
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    return name


@pytest.fixture(scope="module")
def warehouse_dsn(postgres_server, warehouse_template):
    """The superuser's DSN of a fresh, migrated, empty warehouse."""
    return postgres_server.dsn(copy_database(postgres_server, warehouse_template))


@pytest.fixture
def dsn(postgres_server, warehouse_template):
    """The superuser's DSN of an empty warehouse that one test has for itself."""
    name = copy_database(postgres_server, warehouse_template, "one")
    yield postgres_server.dsn(name)
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def open_browser():
    """Yield a quiet Chromium without windows; skip, and say so, where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed"
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=list(QUIET))
        yield opened
        opened.close()


def free_port_base():
    """Find ten free ports in a row; each test worker looks in a range of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 21000 + 1000 * (worker % 8)
    for base in range(first, first + 1000, 20):
        probes = [socket.socket() for _ in range(10)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        else:
            return base
        finally:
            for probe in probes:
                probe.close()
    raise RuntimeError("no ten free ports in a row")


@contextmanager
def hospitals(tmp_path_factory):
    """A factory of hospitals; their servers are stopped at the end."""
    opened = []

    def create(name, **extra):
        home = tmp_path_factory.mktemp(name)
        hospital = Hospital(home=home, port_base=free_port_base(), extra=extra)
        opened.append(hospital)
        return hospital

    yield create
    for hospital in opened:
        hospital.ledgerline("down")
        elsewhere = hospital.home / "pg.location"
        if elsewhere.exists():
            shutil.rmtree(elsewhere.read_text(), ignore_errors=True)


@pytest.fixture(scope="module")
def new_hospital(tmp_path_factory):
    """A factory of hospitals that run no longer than the tests of their module."""
    with hospitals(tmp_path_factory) as create:
        yield create


@pytest.fixture(scope="session")
def hospital_day(tmp_path_factory):
    """A hospital after one successful run, with what the run printed.

    The database FIRST_RUN stays as that run left the warehouse.
    """
    with hospitals(tmp_path_factory) as create:
        hospital = create("hospital_day")
        done = hospital.run()
        assert done.returncode == 0, done.stdout[-3000:]
        place = psycopg.conninfo.make_conninfo(hospital.dsn, dbname="postgres")
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(f"create database {FIRST_RUN} template ledgerline")
        yield hospital, done.stdout
