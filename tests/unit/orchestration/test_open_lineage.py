"""What tasks tell OpenLineage: names as dbt's events have them, and nothing else."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.orchestration import connections
from ledgerline.orchestration.open_lineage import extractor, models
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


def test_a_large_file_of_events_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "ROLL_BYTES", 10)
    path = tmp_path / "openlineage.jsonl"
    models.roll(path)
    path.write_text("{}\n")
    models.roll(path)
    assert [each.name for each in tmp_path.iterdir()] == ["openlineage.jsonl"]
    path.write_text("{}\n" * 4)
    models.roll(path)
    [aside] = tmp_path.iterdir()
    assert aside.name.startswith("openlineage-2")
    assert aside.suffix == ".jsonl"
    assert aside.read_text() == "{}\n" * 4


def test_every_task_with_datasets_is_a_task_of_a_dag():
    dags = Path(__file__).parents[3] / "dags"
    for name in (*extractor.MOVES, extractor.PUBLISH):
        dag_id, task_id = name.split(".")
        tree = ast.parse((dags / f"{dag_id}.py").read_text())
        tasks = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        assert {dag_id, task_id} <= tasks


class Catalogue:
    """Takes events, or fails."""

    def __init__(self, error=None):
        self.taken, self.error = [], error

    def get_or_create_openlineage_client(self):
        return self

    def emit(self, event):
        if self.error:
            raise self.error
        self.taken.append(event)


@pytest.mark.parametrize(
    ("error", "patience", "taken"),
    [(None, 30, 3), (None, -1, 0), (TimeoutError("Ann Lee"), 30, 0)],
)
def test_a_catalogue_that_is_slow_or_down_ends_nothing(
    monkeypatch, caplog, error, patience, taken
):
    catalogue = Catalogue(error)
    monkeypatch.setattr(models.conf, "is_disabled", lambda: False)
    monkeypatch.setattr(models, "OpenLineageAdapter", lambda: catalogue)
    monkeypatch.setattr(models, "model_events", lambda *_: iter(range(3)))
    monkeypatch.setattr(models, "_parent", lambda _: None)
    monkeypatch.setattr(models, "PATIENCE_SECONDS", patience)
    models.emit_models(Path(), Path(), None)
    assert len(catalogue.taken) == taken
    assert bool(caplog.records) == (taken < 3)
    assert "Ann Lee" not in caplog.text
