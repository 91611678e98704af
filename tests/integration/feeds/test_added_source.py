"""A source is added by a module, a DAG file and a contract; nothing else changes."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from ledgerline.quality.sources import check_sources
from tests.integration.feeds.conftest import shift

pytestmark = pytest.mark.integration
ADDED = Path(__file__).parent / "added_source"
FILES = sorted(path for path in ADDED.rglob("*.*") if "__pycache__" not in path.parts)
MOST_LINES = 60


def rows(connection, query, *values):
    return connection.execute(query, values).fetchall()


def as_json(endpoint):
    return json.dumps(
        {
            "conn_type": endpoint.conn_type,
            "host": endpoint.host,
            "port": endpoint.port,
            "password": endpoint.password,
        }
    )


@pytest.fixture
def landing(tmp_path, monkeypatch, scheduling, warehouse_dsn):
    """The added source installed as pip installs a package; its DAG's only task."""
    installed = tmp_path / "scheduling_feed-1.0.dist-info"
    installed.mkdir()
    shutil.copy(ADDED / "entry_points.txt", installed)
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: scheduling-feed\nVersion: 1.0\n"
    )
    shutil.copy(ADDED / "scheduling_feed.py", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("LEDGERLINE_CONTRACTS", str(ADDED))
    monkeypatch.setenv("AIRFLOW_CONN_SCHEDULING_SHIFTS", as_json(scheduling.endpoint()))
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", warehouse_dsn)
    yield task_of(ADDED / "extract_scheduling.py")
    sys.modules.pop("scheduling_feed", None)


def task_of(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dag = module.extract_scheduling()
    assert dag.dag_id == path.stem
    [task] = dag.tasks
    return task.python_callable


def test_the_whole_source_is_less_than_60_lines():
    lines = sum(len(path.read_text().splitlines()) for path in FILES)
    print(f"{lines} lines in {[path.name for path in FILES]}")
    assert len(FILES) == 4
    assert lines < MOST_LINES


def test_its_contract_is_valid_odcs():
    from importlib.resources import files

    schema = files("open_data_contract_standard").joinpath("schema.json").read_text()
    [contract] = ADDED.rglob("*.odcs.yaml")
    found = yaml.safe_load(contract.read_text())
    errors = jsonschema_rs.validator_for(json.loads(schema)).iter_errors(found)
    assert [error.message for error in errors] == []


def test_the_how_to_shows_exactly_this_source():
    page = (Path(__file__).parents[3] / "docs/how-to/add_a_source.md").read_text()
    for path in FILES:
        assert path.read_text().strip() in page, path.name


def test_its_dag_lands_it_once_and_moves_the_cursor_after_commit(
    landing, scheduling, warehouse_dsn, connection
):
    assert landing() == 25
    assert scheduling.asked == ["", "10", "20"]
    landed = (
        "select resource_id, body ->> 'department', content_sha256 "
        "from raw_scheduling.current_record order by 1"
    )
    first = rows(connection, landed)
    assert [row[0] for row in first] == [f"{number:05}" for number in range(25)]
    cursor = "select value from ops.source_state where source = 'scheduling_shifts'"
    assert rows(connection, cursor) == [({"cursor": "20"},)]

    assert landing() == 0
    assert scheduling.asked[3:] == ["20"]
    assert rows(connection, landed) == first

    scheduling.shifts += [shift(number) for number in range(25, 33)]
    assert landing() == 8
    assert scheduling.asked[4:] == ["20", "30"]
    assert len(rows(connection, landed)) == 33

    scheduling.shifts += [shift(33, hours="twelve"), shift(34, color="blue")]
    assert landing() == 1
    [refused] = rows(
        connection,
        "select class, locator, message from ops.quarantined_record "
        "where source = 'scheduling_shifts'",
    )
    assert refused[0] == "CONTRACT_DRIFT"
    assert refused[1].startswith("/v1/shifts?cursor=30@")
    assert refused[2].endswith("the property hours has the wrong type [type]")
    drift = "select entity, property, record_count from ops.contract_drift"
    assert rows(connection, drift) == [("shift", "color", 1)]
    warned = {
        str(result.check): (result.severity, result.passed)
        for result in check_sources(warehouse_dsn, "a run")
    }
    assert warned["control/scheduling/contract_additions"] == ("warn", False)
    assert warned["control/erp/contract_additions"][1]
