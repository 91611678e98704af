"""Outside the sandbox no start goes on with a secret that anybody could know."""

import json
import re
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
import yaml

from ledgerline import settings
from ledgerline.canonical.errors import SecretRefused
from ledgerline.runtime import stack
from ledgerline.runtime.host.given_secrets import require_own_secrets
from ledgerline.runtime.mllp.listen import listen
from ledgerline.secrets import NAMES, load_or_create

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
VARIABLE = re.compile(r"\$\{(\w+)[^}]*\}")
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|JWT|_CONNECTION$")
KNOWN_FERNET = "81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0YaZeZyPs="
DEFAULTS = {
    "AIRFLOW_CONN_WAREHOUSE": "postgresql://ledgerline:ledgerline@db.example/w",
    "AIRFLOW_CONN_ERP": '{"conn_type": "http", "login": "u", "password": "tryton"}',
    "AIRFLOW_CONN_EHR_FHIR": '{"conn_type": "http", "login": "ann", "password": "Ann"}',
    "AIRFLOW_CONN_BILLING_X12": json.dumps(
        {"conn_type": "sftp", "extra": {"private_key_passphrase": "changeme"}}
    ),
    "AIRFLOW_CONN_EHR_HL7V2": "sftp://u@host/in?private_key_passphrase=secret",
    "AIRFLOW_CONN_ALERT_SMTP": "smtp://u:password1@mail.example:587",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://a:airflow@db/airflow",
    "AIRFLOW__CELERY__BROKER_URL": "redis://:redis@redis:6379/0",
    "AIRFLOW__CELERY__RESULT_BACKEND": "db+postgresql://airflow:airflow@db/airflow",
    "LEDGERLINE_SUPERSET_DATABASE": "postgresql+psycopg2://s:superset@db/superset",
    "AIRFLOW__CORE__FERNET_KEY": KNOWN_FERNET,
    "AIRFLOW__API__SECRET_KEY": "temporary_key",
    "AIRFLOW__API_AUTH__JWT_SECRET": "airflow_jwt_secret",
}


OWN_FERNET = urlsafe_b64encode(bytes(range(32))).decode()


def home_in(folder, **extra):
    given = {"LEDGERLINE_HOME": str(folder), "LEDGERLINE_SANDBOX": "0", **extra}
    return settings.load(given)


def fernet():
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_refused_by_name_before_anything_starts(
    tmp_path, monkeypatch, name
):
    monkeypatch.setenv(name, DEFAULTS[name])
    with pytest.raises(
        SecretRefused, match=f"^SECRET_REFUSED: {name}: .* (set|change) it"
    ):
        stack.prepare(home_in(tmp_path / "home"), print)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_refusal_does_not_print_the_secret(tmp_path, name):
    with pytest.raises(SecretRefused) as refused:
        require_own_secrets(home_in(tmp_path), {name: DEFAULTS[name]})
    assert DEFAULTS[name] not in str(refused.value)
    assert "81HqDt" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRFLOW__CORE__FERNET_KEY", ""),
        ("AIRFLOW__CORE__FERNET_KEY", "not a key"),
        ("AIRFLOW__CORE__FERNET_KEY", urlsafe_b64encode(b"a" * 32).decode()),
        ("AIRFLOW__CORE__FERNET_KEY", f"{OWN_FERNET},{KNOWN_FERNET}"),
        ("AIRFLOW__API__SECRET_KEY", ""),
        ("AIRFLOW__API__SECRET_KEY", "x" * 64),
        ("AIRFLOW__API_AUTH__JWT_SECRET", "abcdefgh12345678"),
        ("POSTGRES_PASSWORD", "hospital"),
    ],
)
def test_a_secret_of_ours_is_long_and_random(tmp_path, name, value):
    with pytest.raises(SecretRefused, match=name):
        require_own_secrets(home_in(tmp_path), {name: value})


@pytest.mark.parametrize("name", NAMES)
def test_a_default_written_into_the_file_of_secrets_is_refused(tmp_path, name):
    known = load_or_create(tmp_path)
    (tmp_path / "secrets.json").write_text(json.dumps({**known, name: "password"}))
    with pytest.raises(SecretRefused, match=rf"secrets\.json: {name} is a default"):
        stack.prepare(home_in(tmp_path), print)


def test_a_file_of_secrets_that_others_may_read_is_refused(tmp_path):
    load_or_create(tmp_path)
    (tmp_path / "secrets.json").chmod(0o640)
    with pytest.raises(SecretRefused, match="chmod 600"):
        stack.prepare(home_in(tmp_path), print)


def test_the_listener_refuses_as_well(tmp_path, monkeypatch):
    name = "AIRFLOW_CONN_WAREHOUSE"
    monkeypatch.setenv(name, DEFAULTS[name])
    with pytest.raises(SecretRefused, match=name):
        listen(home_in(tmp_path), print)


def test_every_default_is_named_at_once(tmp_path):
    with pytest.raises(SecretRefused) as refused:
        require_own_secrets(home_in(tmp_path), DEFAULTS)
    assert [name for name in DEFAULTS if f"{name}: " not in str(refused.value)] == []


def test_what_this_home_generated_and_a_hospital_chose_is_taken(tmp_path):
    load_or_create(tmp_path)
    own = {
        "AIRFLOW_CONN_WAREHOUSE": "postgresql://ledgerline@db.example/w",
        "AIRFLOW_CONN_ERP": json.dumps({"password": secrets.token_hex(8)}),
        "AIRFLOW_CONN_EHR_FHIR": '{"conn_type": "fs", "extra": {"path": "/data"}}',
        "AIRFLOW_CONN_BROKEN": "{",
        "AIRFLOW_CONN_LIST": '{"extra": "[1]"}',
        "AIRFLOW_CONN_CUT": '{"extra": "{"}',
        "AIRFLOW__CORE__FERNET_KEY": f"{fernet()},{fernet()}",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(48),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "HOME": "postgres",
    }
    require_own_secrets(home_in(tmp_path), own)


def compose_environment(values):
    """What the first service of the compose deployment sees."""
    filled = COMPOSE["secrets"]["environment"]
    return {
        name: VARIABLE.sub(lambda found: values.get(found[1], ""), str(value))
        for name, value in filled.items()
    }


def own_values():
    names = set(VARIABLE.findall(json.dumps(COMPOSE)))
    values = {name: secrets.token_hex(24) for name in names if SECRET.search(name)}
    connection = json.dumps({"password": secrets.token_hex(24)})
    return values | {"AIRFLOW_FERNET_KEY": fernet(), "ERP_CONNECTION": connection}


@pytest.mark.parametrize("name", sorted(own_values()))
def test_the_compose_deployment_begins_by_refusing_each_default(tmp_path, name):
    own = own_values()
    require_own_secrets(home_in(tmp_path), compose_environment(own))
    value = '{"password": "admin"}' if name == "ERP_CONNECTION" else "changeme"
    with pytest.raises(SecretRefused, match=r"is a default|is no key"):
        require_own_secrets(
            home_in(tmp_path), compose_environment({**own, name: value})
        )


def waits_for(name):
    direct = COMPOSE[name].get("depends_on") or {}
    return set(direct).union(*(waits_for(other) for other in direct))


def test_nothing_of_the_compose_deployment_starts_before_its_secrets_are_judged():
    waiting = {name for name in COMPOSE if "secrets" in waits_for(name)}
    assert waiting == set(COMPOSE) - {"secrets"}
