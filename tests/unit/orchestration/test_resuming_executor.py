"""A task that waited for a person runs twice under one key; its first end is no end."""

from types import SimpleNamespace

import pytest
from airflow.executors.local_executor import LocalExecutor
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.utils.state import TaskInstanceState

from ledgerline.orchestration.resuming_executor import ResumingExecutor

SUCCESS, FAILED = TaskInstanceState.SUCCESS, TaskInstanceState.FAILED
KEY = TaskInstanceKey("close_month", "approve_close", "manual", 1)


@pytest.fixture
def executor(monkeypatch):
    """An executor without workers: what it hands over is lost."""
    monkeypatch.setattr(LocalExecutor, "_process_workloads", lambda *_: None)
    return ResumingExecutor(parallelism=1)


def begin(executor):
    executor._process_workloads([SimpleNamespace(key=KEY)])


def ended(executor, state=SUCCESS):
    executor.change_state(KEY, state)
    return executor.get_event_buffer()


@pytest.mark.parametrize("state", [SUCCESS, FAILED])
def test_the_end_of_a_run_is_told(executor, state):
    for _ in range(2):
        begin(executor)
        assert ended(executor, state) == {KEY: (state, None)}


@pytest.mark.parametrize("state", [SUCCESS, FAILED])
def test_the_end_of_a_run_that_a_newer_one_follows_is_not_told(executor, state):
    begin(executor)
    begin(executor)
    assert ended(executor, state) == {}
    assert ended(executor) == {KEY: (SUCCESS, None)}


def test_a_task_that_another_scheduler_began_is_told_of(executor):
    assert ended(executor) == {KEY: (SUCCESS, None)}
    begin(executor)
    assert ended(executor) == {KEY: (SUCCESS, None)}
