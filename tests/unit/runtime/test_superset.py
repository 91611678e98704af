"""Whom a query of Superset logs in as, and what Superset's process learns."""

import importlib.util
import json
from types import SimpleNamespace

import pytest
from sqlalchemy.engine import make_url

from ledgerline import settings
from ledgerline.runtime.superset import dashboards, service
from ledgerline.secrets import derived, load_or_create
from ledgerline.store.roles import director_login

ADDRESS = make_url("postgresql+psycopg2://127.0.0.1:5432/ledgerline")


@pytest.fixture
def environment(tmp_path):
    home = settings.load({"LEDGERLINE_HOME": str(tmp_path)})
    return service.environment(home, "postgresql+psycopg2://own@127.0.0.1/superset")


@pytest.fixture
def config(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location(
        "superset_config", environment["SUPERSET_CONFIG_PATH"]
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def people(**roles):
    def find_user(username):
        names = roles.get(username)
        if names is None:
            return None
        return SimpleNamespace(roles=[SimpleNamespace(name=name) for name in names])

    return SimpleNamespace(find_user=find_user)


@pytest.mark.parametrize(
    ("roles", "login"),
    [
        (["Executive"], "ledgerline_executive"),
        (["Analyst"], "ledgerline_analyst"),
        (["Admin"], "ledgerline_analyst"),
        (["Executive", "Analyst"], "ledgerline_analyst"),
    ],
)
def test_a_query_logs_in_as_the_role_of_whoever_asks(config, tmp_path, roles, login):
    security = people(somebody=roles)
    uri, _ = config.DB_CONNECTION_MUTATOR(ADDRESS, {}, "somebody", security, None)
    assert uri.username == login
    secret = load_or_create(tmp_path)[login.removeprefix("ledgerline_")]
    assert uri.password == secret
    assert (uri.host, uri.database) == (ADDRESS.host, ADDRESS.database)


def test_a_director_logs_in_as_nobody_else(config, tmp_path):
    security = people(maria=["Director"])
    uri, _ = config.DB_CONNECTION_MUTATOR(ADDRESS, {}, "maria", security, None)
    home = settings.load({"LEDGERLINE_HOME": str(tmp_path)})
    key = load_or_create(tmp_path)["directors"]
    assert uri.username == director_login("maria") == "director_maria"
    assert uri.password == derived(key, "director_maria")
    assert uri.password != service.passwords(home, ["maria"])["maria"]


@pytest.mark.parametrize("who", [None, "stranger", "guest"])
def test_whoever_has_no_such_role_reads_nothing(config, who):
    security = people(guest=["Public"])
    with pytest.raises(config.NobodyReads):
        config.DB_CONNECTION_MUTATOR(ADDRESS, {}, who, security, None)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("postgresql://owner:secret@db.example:5433/w", "db.example:5433/w"),
        (
            "postgresql://owner:secret@db.example/w?sslmode=verify-full",
            "db.example:5432/w?sslmode=verify-full",
        ),
    ],
)
def test_superset_keeps_an_address_without_an_account(given, address):
    assert dashboards._address(given) == f"postgresql+psycopg2://{address}"


def test_no_result_is_kept_for_another_person(config):
    assert config.DATA_CACHE_CONFIG == {"CACHE_TYPE": "NullCache"}


def test_the_browser_is_let_out_to_nobody(config):
    policy = config.TALISMAN_CONFIG["content_security_policy"]
    allowed = {source for sources in policy.values() for source in sources}
    assert not [source for source in allowed if "://" in source or "." in source]


def test_superset_learns_no_secret_but_its_own_and_the_readers(environment, tmp_path):
    told = json.dumps(environment)
    secrets = load_or_create(tmp_path)
    for name in ("postgres", "build", "poster", "listener", "airflow_admin"):
        assert secrets[name] not in told
    assert set(json.loads(environment["SUPERSET_LOGINS"])) == set(service.LOGINS)
