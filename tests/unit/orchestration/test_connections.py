"""Connections that start cannot see are judged when they are read."""

import json

import pytest

from ledgerline.canonical.errors import SecretRefused
from ledgerline.orchestration import connections

OWN = "rZ7-quartz-Umbrella"


def given(monkeypatch, sandbox, password):
    monkeypatch.setenv("LEDGERLINE_SANDBOX", sandbox)
    connection = {"conn_type": "http", "login": "feed", "password": password}
    monkeypatch.setenv("AIRFLOW_CONN_JUDGED", json.dumps(connection))
    return connections.find("judged")


@pytest.mark.parametrize("password", ["changeme", "Feed"])
def test_a_default_password_is_refused_outside_the_sandbox(monkeypatch, password):
    with pytest.raises(SecretRefused, match="connection judged") as refused:
        given(monkeypatch, "0", password)
    assert password not in str(refused.value)


@pytest.mark.parametrize(("sandbox", "password"), [("0", OWN), ("1", "changeme")])
def test_a_password_of_ones_own_is_taken(monkeypatch, sandbox, password):
    assert given(monkeypatch, sandbox, password).password == password
