"""An empty warehouse a test: a seal is not taken back."""

import uuid

import psycopg
import pytest


@pytest.fixture
def dsn(postgres_server, warehouse_template):
    name = f"close_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {warehouse_template}")
    yield postgres_server.dsn(name)
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
