"""What every DAG promises to the person who finds it red at night."""

import re
from pathlib import Path

import pytest

from ledgerline.orchestration.policy import Tag

ROOT = Path(__file__).parents[2]
DAG_IDS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
EXTRACTS = {"extract_ehr", "extract_billing", "extract_erp"}
BY_PEOPLE = {"close_month", "replay_exceptions"}
"""Started by a person, when there is a reason."""


@pytest.fixture(params=DAG_IDS)
def dag(request, bag):
    return bag["dags"][request.param]


@pytest.fixture
def tasks(dag):
    return dag["tasks"]


def test_every_file_imports(bag):
    assert bag["import_errors"] == {}


def test_every_file_holds_the_dag_of_its_name(bag):
    assert sorted(bag["dags"]) == DAG_IDS
    for dag_id, dag in bag["dags"].items():
        assert Path(dag["file"]).stem == dag_id


def test_the_chain_of_the_design_is_there():
    followers = {
        "build_warehouse",
        "post_to_erp",
        "reconcile_ledgers",
        "write_board_pack",
    }
    assert set(DAG_IDS) >= EXTRACTS | followers


def test_every_task_has_an_owner(tasks):
    assert all(task["owner"] not in {"", "airflow"} for task in tasks.values())


def test_tags_come_from_the_enum(dag):
    assert dag["tags"]
    assert set(dag["tags"]) <= set(Tag)


def test_a_task_is_retried_unless_it_judges(dag, tasks):
    judges = dag["tags"] == [Tag.WAREHOUSE]
    for name, task in tasks.items():
        assert task["retries"] == 0 if judges else task["retries"] >= 1, name


def test_no_task_runs_for_ever(tasks):
    assert all(task["timeout_seconds"] for task in tasks.values())


def test_every_failure_is_told(tasks):
    assert all(task["tells_failure"] for task in tasks.values())


def test_a_task_runs_only_after_success_of_what_is_before_it(tasks):
    assert {task["trigger_rule"] for task in tasks.values()} == {"all_success"}


def test_one_run_at_a_time_and_no_backfill_by_surprise(dag):
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False


def test_says_what_to_do_when_it_fails(dag):
    runbooks = re.findall(r"docs/runbooks/\w+\.md", dag["doc"])
    assert "If it fails" in dag["doc"]
    assert runbooks
    assert all((ROOT / path).exists() for path in runbooks)


def test_assets_are_named_schema_and_table(bag):
    for dag in bag["dags"].values():
        for task in dag["tasks"].values():
            assert all(re.fullmatch(r"\w+\.\w+", name) for name in task["outlets"])


def test_assets_lead_from_the_extracts_to_the_reconciliation(bag):
    reached, found = set(EXTRACTS), True
    while found:
        made = {
            asset
            for dag_id in reached
            for task in bag["dags"][dag_id]["tasks"].values()
            for asset in task["outlets"]
        }
        found = {
            dag_id
            for dag_id, dag in bag["dags"].items()
            if dag["awaits"] and set(dag["awaits"]) <= made
        } - reached
        reached |= found
    assert reached == set(bag["dags"]) - BY_PEOPLE
