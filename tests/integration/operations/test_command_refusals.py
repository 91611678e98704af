"""What PostgreSQL refuses a command is one sentence, without what a row holds."""

import sys

import psycopg
import pytest

from ledgerline.cli import command
from ledgerline.runtime import warehouse

pytestmark = pytest.mark.integration
SECRET = "Featherstonehaugh"


@pytest.fixture
def told(dsn, monkeypatch, capsys):
    """Runs a command that PostgreSQL refuses; returns what it printed."""

    def run(*words):
        monkeypatch.setattr(warehouse, "role_dsn", lambda *_: dsn)
        monkeypatch.setattr(sys, "argv", ["ledgerline", *words])
        with pytest.raises(SystemExit) as ended:
            command.main()
        assert ended.value.code == 1
        printed = capsys.readouterr()
        return printed.out + printed.err

    return run


def test_a_warehouse_of_an_older_release_says_what_to_do(dsn, told):
    with psycopg.connect(dsn) as connection:
        connection.execute("drop table ops.retention_policy")
    said = told("retention")
    assert said.startswith("DATABASE_REFUSED: the warehouse has not what")
    assert "`ledgerline prepare`" in said


def test_a_refused_row_is_not_quoted(dsn, told):
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "create function ops.spoil() returns boolean language plpgsql as "
            f"$$ begin raise data_exception using detail = '{SECRET}'; end $$"
        )
        connection.execute("alter table ops.retention_policy rename to hidden")
        connection.execute(
            "create view ops.retention_policy as "
            "select * from ops.hidden where ops.spoil()"
        )
    said = told("retention")
    assert said.startswith("DATABASE_REFUSED: PostgreSQL refused a statement: ")
    assert "(SQLSTATE 22000)" in said
    assert SECRET not in said
