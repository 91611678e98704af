"""A plan is run whole or not at all."""

import psycopg
import pytest

from ledgerline.transformation.increment.replay import replay
from ledgerline.transformation.increment.step import KEPT, TABLE, TEST, Step

pytestmark = pytest.mark.integration
NEWS = ("source.ledgerline.raw_ehr.event",)
"""What nobody watches: there may always be something new of it."""
ROWS = {"summed": [(1,)], "facts": [(1,), (2,), (2,)]}


@pytest.fixture
def tables(warehouse_dsn):
    """Two tables as a build before left them."""
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute("create schema if not exists staging")
        for name, rows in ROWS.items():
            connection.execute(f"drop table if exists staging.{name}")
            connection.execute(f"create table staging.{name} (amount integer)")
            for row in rows:
                connection.execute(f"insert into staging.{name} values (%s)", row)
        connection.execute("truncate build.outcome, build.touched, build.scope")

    def rows(name):
        with psycopg.connect(warehouse_dsn) as connection:
            found = connection.execute(f"select amount from staging.{name} order by 1")
            return found.fetchall()

    return rows


def model(name, sql, materialized=TABLE, **more):
    node = f"model.ledgerline.{name}"
    shared = {"node": node, "schema": "staging", "name": name, "inputs": NEWS}
    return Step(sql=sql, materialized=materialized, **shared, **more)


def check(sql, **more):
    node = "test.ledgerline.amounts"
    return Step(node=node, sql=sql, materialized=TEST, inputs=NEWS, **more)


MODELS = (
    model("summed", "select 7 as amount"),
    model("facts", "select 2 as amount", KEPT, replaces="amount = 2"),
)


def outcomes(dsn):
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select node, is_changed from build.outcome")
        return dict(found.fetchall())


def test_rows_are_replaced_and_tests_asked(warehouse_dsn, tables):
    plan = (*MODELS, check("select 1 where false"))
    told = replay(warehouse_dsn, plan)
    assert [each["status"] for each in told] == ["success", "success", "pass"]
    assert tables("summed") == [(7,)]
    assert tables("facts") == [(1,), (2,)]
    assert outcomes(warehouse_dsn) == dict.fromkeys(
        [each.node for each in MODELS], True
    )


@pytest.mark.parametrize(
    ("touches", "noted"), [("", ["2", "7"]), ("amount = 7", ["7"]), ("false", [])]
)
def test_of_rows_that_change_those_that_touch_are_noted(
    warehouse_dsn, tables, touches, noted
):
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute("alter table staging.facts add column claim_id text")
        connection.execute("truncate staging.facts")
        connection.execute("insert into staging.facts values (1, '1'), (2, '2')")
    claims = "select * from (values (1, '1'), (7, '7')) as claim (amount, claim_id)"
    known = {"columns": ("amount", "claim_id"), "touches": touches}
    replay(warehouse_dsn, (model("facts", claims, KEPT, replaces="true", **known),))
    assert tables("facts") == [(1,), (7,)]
    with psycopg.connect(warehouse_dsn) as connection:
        found = connection.execute("select claim_id from build.touched order by 1")
        assert found.fetchall() == [(claim,) for claim in noted]


@pytest.mark.parametrize("sql", ["select * from staging.summed", "select * from none"])
def test_what_fails_leaves_nothing(warehouse_dsn, tables, sql):
    plan = (*MODELS, check(sql))
    if "none" in sql:
        with pytest.raises(psycopg.errors.UndefinedTable):
            replay(warehouse_dsn, plan)
    else:
        assert replay(warehouse_dsn, plan) == []
    assert {name: tables(name) for name in ROWS} == ROWS
    assert outcomes(warehouse_dsn) == {}


def test_a_table_that_was_dropped_is_left_to_dbt(warehouse_dsn, tables):
    plan = (model("dropped", "select 7 as amount"), *MODELS)
    with pytest.raises(psycopg.Error):
        replay(warehouse_dsn, plan)
    assert {name: tables(name) for name in ROWS} == ROWS


def test_a_warning_is_told_and_stops_nothing(warehouse_dsn, tables):
    told = replay(warehouse_dsn, (*MODELS, check("select 1", is_warning=True)))
    assert (told[-1]["status"], told[-1]["failures"]) == ("warn", 1)
    assert tables("summed") == [(7,)]


def test_what_nothing_new_is_read_of_is_left(warehouse_dsn, tables):
    left = model("summed", "select 7 as amount")
    plan = (Step(**{**vars(left), "inputs": ("seed.ledgerline.drg",)}),)
    replay(warehouse_dsn, plan)
    assert tables("summed") == ROWS["summed"]
    assert outcomes(warehouse_dsn) == {left.node: False}
