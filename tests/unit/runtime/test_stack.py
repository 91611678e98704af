"""What the stack refuses before it starts anything."""

import shutil
from collections import namedtuple

import pytest

from ledgerline import settings
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime import stack
from ledgerline.runtime.host.disk import DiskFull, full_disk_named

Usage = namedtuple("Usage", "total used free")


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 90, 10))
    home = settings.load({"LEDGERLINE_HOME": str(tmp_path / "home")})
    with pytest.raises(DiskFull, match="free some space"):
        stack.prepare(home, print)
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("days", ["0", "367", "weekly"])
def test_days_between_full_builds_are_a_number_of_days(days):
    assert settings.load({}).full_build_days == 7
    with pytest.raises(ConfigurationInvalid, match="from 1 to 366"):
        settings.load({"LEDGERLINE_FULL_BUILD_DAYS": days})


@pytest.mark.parametrize("free", [1024, 10 * 1024**3])
def test_only_a_full_disk_is_named_as_the_cause(tmp_path, monkeypatch, free):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free, 0, free))
    seen = DiskFull if free == 1024 else OSError
    with pytest.raises((DiskFull, OSError)) as raised, full_disk_named(tmp_path):
        raise OSError(28, "No space left on device")
    assert type(raised.value) is seen


def test_the_sandbox_is_refused_beside_a_database_of_your_own(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", "postgresql://u:p@db.example/w")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://u@db/a")
    home = settings.load({"LEDGERLINE_HOME": str(tmp_path)})
    with pytest.raises(ConfigurationInvalid, match="LEDGERLINE_SANDBOX=0"):
        stack.prepare(home, print)


@pytest.mark.parametrize(
    "connection",
    [
        "postgresql://u:p%40ss@db.example:5433/w",
        "postgres://u:p%40ss@db.example:5433/w",
        '{"conn_type": "postgres", "host": "db.example", "port": 5433, '
        '"schema": "w", "login": "u", "password": "p@ss"}',
    ],
)
def test_a_warehouse_connection_is_read_as_uri_and_as_json(connection):
    expected = "postgresql://u:p%40ss@db.example:5433/w"
    assert stack.warehouse_dsn(connection) == expected


def test_sources_without_a_connection_are_named():
    env = {"AIRFLOW_CONN_EHR_FHIR": "{}"}
    assert stack.missing_sources(env) == ["ehr_hl7v2", "billing_x12", "erp"]


@pytest.mark.parametrize("text", ["0", "70000", "many"])
def test_a_port_base_out_of_range_is_refused(text):
    with pytest.raises(ConfigurationInvalid, match="LEDGERLINE_PORT_BASE"):
        settings.load({"LEDGERLINE_PORT_BASE": text})
