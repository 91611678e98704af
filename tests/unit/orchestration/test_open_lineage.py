"""What tasks tell OpenLineage: names as dbt's events have them, and nothing else."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.orchestration import connections
from ledgerline.orchestration.open_lineage import extractor
from ledgerline.orchestration.open_lineage.extractor import FlowExtractor

WAREHOUSE = Endpoint(
    conn_id="warehouse", conn_type="postgres", host="db", port=5433, schema="books"
)


@pytest.fixture(autouse=True)
def warehouse(monkeypatch):
    monkeypatch.setattr(connections, "require", {"warehouse": WAREHOUSE}.__getitem__)


def told(dag_id, task_id):
    return FlowExtractor(SimpleNamespace(dag_id=dag_id, task_id=task_id)).extract()


def names(datasets):
    return [(each.namespace, each.name) for each in datasets]


def test_a_task_that_lands_reads_connections_and_writes_relations():
    lineage = told("extract_erp", "land_erp")
    assert names(lineage.inputs) == [("ledgerline.connection", "erp")]
    assert names(lineage.outputs) == [("postgres://db:5433", "books.raw_erp.record")]


def test_a_task_that_moves_nothing_tells_nothing():
    lineage = told("build_warehouse", "decide_gate")
    assert (lineage.inputs, lineage.outputs, lineage.job_facets) == ([], [], {})


def test_a_publication_leads_each_column_to_its_candidate(tmp_path, monkeypatch):
    manifest = {
        "nodes": {
            "model.ledgerline.margin": {
                "resource_type": "model",
                "name": "margin",
                "alias": "margin",
                "schema": "candidate_marts",
                "description": "",
                "config": {"meta": {"published": True, "key": ["case_id"]}},
                "columns": {"case_id": {"name": "case_id"}},
            }
        }
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    current = SimpleNamespace(manifest=tmp_path / "manifest.json")
    monkeypatch.setattr(extractor.settings, "load", lambda: current)
    lineage = told("build_warehouse", "publish")
    [output] = lineage.outputs
    assert output.name == "books.marts.margin"
    [source] = output.facets["columnLineage"].fields["case_id"].inputFields
    assert (source.name, source.field) == ("books.candidate_marts.margin", "case_id")
    assert names(lineage.inputs) == [(source.namespace, source.name)]


def test_every_task_with_datasets_is_a_task_of_a_dag():
    dags = Path(__file__).parents[3] / "dags"
    for name in (*extractor.MOVES, extractor.PUBLISH):
        dag_id, task_id = name.split(".")
        tree = ast.parse((dags / f"{dag_id}.py").read_text())
        tasks = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        assert {dag_id, task_id} <= tasks
