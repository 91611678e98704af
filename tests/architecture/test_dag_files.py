"""A DAG file wires tasks together; it does not do the work."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
LIGHT = {"airflow", "cosmos", "datetime", "pathlib", "ledgerline"}
WIRING = {"ledgerline.orchestration.assets", "ledgerline.orchestration.policy"}


@pytest.fixture(params=DAG_FILES, ids=lambda path: path.stem)
def dag_file(request):
    return request.param


@pytest.fixture
def tree(dag_file):
    return ast.parse(dag_file.read_text())


def decorators(function):
    called = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
    return {getattr(decorator, "id", None) for decorator in called}


def functions(tree, decorator):
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and decorator in decorators(node)
    ]


def imported(node):
    if isinstance(node, ast.ImportFrom):
        return {node.module or ""}
    return (
        {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
    )


def test_there_are_dag_files():
    assert DAG_FILES


def test_is_short(dag_file):
    assert len(dag_file.read_text().splitlines()) <= 120


def test_is_named_verb_object(dag_file):
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", dag_file.stem)


def test_is_not_named_like_a_dbt_plugin(dag_file):
    assert not dag_file.stem.startswith("dbt_"), "dbt imports every dbt_* module"


def test_the_dag_id_is_the_file_name(dag_file, tree):
    assert [function.name for function in functions(tree, "dag")] == [dag_file.stem]


def test_task_ids_are_verb_object_or_a_verb(tree):
    for function in functions(tree, "task"):
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", function.name)


def test_a_task_only_delegates(tree):
    for function in functions(tree, "task"):
        work = [n for n in function.body if not isinstance(n, ast.ImportFrom)]
        assert len(work) <= 3, f"{function.name} does work; move it to include/"


def test_heavy_imports_stay_inside_tasks(tree):
    names = set().union(*(imported(node) for node in tree.body))
    assert {name.split(".")[0] for name in names} <= LIGHT
    ours = {name for name in names if name.startswith("ledgerline")}
    assert ours <= WIRING, "the top of a DAG file imports assets and policy only"


def test_a_task_imports_nothing_but_flows(tree):
    for function in functions(tree, "task"):
        names = set().union(*(imported(node) for node in ast.walk(function)))
        assert names <= {"ledgerline.orchestration"}


def test_says_what_to_do_when_it_fails(tree):
    doc = ast.get_docstring(tree) or ""
    runbooks = re.findall(r"docs/runbooks/\w+\.md", doc)
    assert "If it fails" in doc
    assert runbooks
    assert all((ROOT / path).exists() for path in runbooks)


def test_no_python_package_lies_in_the_dbt_project():
    assert list((ROOT / "dbt_project").rglob("__init__.py")) == []
