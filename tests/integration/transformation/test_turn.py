"""A full run and the one task of events take turns to build."""

import json
import threading
import time

import psycopg
import pytest

from ledgerline.orchestration import flows
from ledgerline.orchestration.flows import events, publication
from ledgerline.transformation import scope
from ledgerline.transformation.build import FIRST
from ledgerline.transformation.scope import BuildDelayed
from ledgerline.transformation.turn import await_turn, turn_of_events
from tests.integration.transformation.test_requests import PROJECT, deliver

__all__ = ["deliver"]
pytestmark = pytest.mark.integration


@pytest.fixture
def built(warehouse_dsn, deliver, monkeypatch):
    """A warehouse in which something waits for the build after the first one."""
    uri = warehouse_dsn.replace("postgresql://", "postgres://", 1)
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", uri)
    monkeypatch.setenv("LEDGERLINE_INCREMENTS", "1")
    deliver()
    scope.open_scope(warehouse_dsn, PROJECT)
    scope.end_stage(warehouse_dsn, is_success=True, is_last=True)
    deliver()
    return warehouse_dsn


def test_one_process_at_a_time_builds_for_events(warehouse_dsn):
    with (
        turn_of_events(warehouse_dsn) as first,
        turn_of_events(warehouse_dsn) as second,
    ):
        assert (first, second) == (True, False)
    with turn_of_events(warehouse_dsn) as again:
        assert again


def test_a_full_run_begins_when_events_are_published(warehouse_dsn):
    waiter = threading.Thread(target=await_turn, args=[warehouse_dsn])
    with turn_of_events(warehouse_dsn):
        waiter.start()
        time.sleep(0.5)
        assert waiter.is_alive()
    waiter.join(timeout=10)
    assert not waiter.is_alive()
    with turn_of_events(warehouse_dsn) as is_ours:
        assert is_ours, "who waited holds nothing"


def test_while_a_full_run_is_under_way_events_ask_for_one_more(built):
    done = flows.handle_events("run", lambda: 1)
    assert done == flows.Handled(asks_for_build=True)
    assert flows.handle_events("run", lambda: 1) == flows.Handled(), "it was asked for"


def test_while_another_process_builds_for_events_one_more_build_is_asked_for(built):
    with turn_of_events(built):
        done = flows.handle_events("run", lambda: 0)
    assert done == flows.Handled(asks_for_build=True)


def test_a_full_run_builds_everything_again_in_time_and_events_do_not(
    built, monkeypatch
):
    def stop(*_):
        raise BuildDelayed("dbt is not asked")

    monkeypatch.setattr("ledgerline.transformation.stage.build_stage", stop)
    monkeypatch.setenv("LEDGERLINE_FULL_BUILD_DAYS", "3")
    with psycopg.connect(built) as connection:
        connection.execute("update build.state set full_on = current_date - 3")
    for run, is_increment in (
        (publication.run_stage, True),
        (publication.build_stage, False),
        (publication.build_stage, True),
    ):
        with pytest.raises(BuildDelayed):
            run(FIRST, "run")
        with psycopg.connect(built) as connection:
            found = connection.execute("select is_increment from build.state")
            assert found.fetchone() == (is_increment,)
        scope.end_stage(built, is_success=True, is_last=True)


def test_without_increments_nothing_is_built_and_nothing_asked_for(built, monkeypatch):
    monkeypatch.setenv("LEDGERLINE_INCREMENTS", "0")
    assert flows.handle_events("run", lambda: 0) == flows.Handled()


def test_a_posting_that_fails_is_left_to_post_to_erp(built, monkeypatch):
    unknown = {"conn_type": "http", "host": "127.0.0.1", "extra": {"adapter": "other"}}
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps(unknown))
    assert not events._post()
    monkeypatch.delenv("AIRFLOW_CONN_ERP")
    assert events._post(), "without an ERP nothing is to be posted"
