"""What a run says of its lineage is what the database has."""

import json
from collections import Counter, defaultdict

import pytest

pytestmark = pytest.mark.e2e

COLUMNS = """
    select
        concat_ws('.', current_database(), schema.nspname, relation.relname) as name,
        field.attname as field
    from pg_attribute as field
    join pg_class as relation on relation.oid = field.attrelid
    join pg_namespace as schema on schema.oid = relation.relnamespace
    where field.attnum > 0 and not field.attisdropped
"""
RAW = ("raw_ehr", "raw_billing", "raw_erp", "reference")


@pytest.fixture(scope="module")
def events(hospital_day):
    lines = (hospital_day[0].home / "logs" / "openlineage.jsonl").read_text()
    return [json.loads(line) for line in lines.splitlines()]


@pytest.fixture(scope="module")
def columns(hospital_day):
    known = defaultdict(set)
    for name, field in hospital_day[0].rows(COLUMNS):
        known[name].add(field)
    return known


def ended(events):
    return [event for event in events if event["eventType"] == "COMPLETE"]


def made_of(events):
    """(relation, column) of every output, and the columns that it is made of."""
    found = {}
    for event in ended(events):
        for output in event["outputs"]:
            lineage = output["facets"].get("columnLineage", {"fields": {}})
            for column, made in lineage["fields"].items():
                found[output["name"], column] = {
                    (source["name"], source["field"]) for source in made["inputFields"]
                }
    return found


def origins(column, made, seen):
    """Where a column begins: what nothing is said to make."""
    if column in seen:
        return set()
    seen.add(column)
    if not made.get(column):
        return {column}
    return set().union(*(origins(each, made, seen) for each in made[column]))


def test_every_run_that_starts_ends_once(events):
    started = Counter(
        event["run"]["runId"] for event in events if event["eventType"] == "START"
    )
    assert started == Counter(event["run"]["runId"] for event in ended(events))
    assert set(started.values()) == {1}


def test_every_model_is_told_once_as_a_child_of_its_task(events, hospital_day):
    manifest = hospital_day[0].home / "dbt" / "target" / "manifest.json"
    nodes = json.loads(manifest.read_text())["nodes"].values()
    models = {
        f"{node['database']}.{node['schema']}.{node['alias']}"
        for node in nodes
        if node["resource_type"] == "model"
        and node["config"]["materialized"] != "ephemeral"
    }
    tasks = {
        event["run"]["runId"]: event["job"]["name"]
        for event in events
        if event["job"]["name"].startswith("build_warehouse.build_")
    }
    assert set(tasks.values()) == {
        "build_warehouse.build_staging",
        "build_warehouse.build_models",
    }
    told = Counter(
        output["name"]
        for event in ended(events)
        if "dbt_run" in event["run"]["facets"]
        and event["run"]["facets"]["parent"]["run"]["runId"] in tasks
        for output in event["outputs"]
    )
    assert {name: count for name, count in told.items() if count > 1} == {}
    assert sorted(models - set(told)) == []


def test_relations_and_columns_that_it_names_exist(events, columns):
    named = {
        each["name"]
        for event in events
        for each in (*event["inputs"], *event["outputs"])
        if each["namespace"].startswith("postgres://")
    }
    assert len(named) > 300
    assert sorted(named - set(columns)) == []
    made = made_of(events)
    used = set(made).union(*made.values())
    assert len(used) > 2_000
    assert sorted(each for each in used if each[1] not in columns[each[0]]) == []


def test_columns_of_a_mart_lead_to_what_was_received(events):
    made = made_of(events)
    marts = [column for column in made if column[0].startswith("ledgerline.marts.")]
    assert len(marts) > 500
    schemas = Counter(
        name.split(".")[1]
        for column in marts
        for name, _ in origins(column, made, set())
    )
    assert schemas.keys() & set(RAW) == set(RAW)


def test_no_event_has_the_source_of_a_task_or_the_name_of_a_file(events, hospital_day):
    assert not any("sourceCode" in event["job"].get("facets", {}) for event in events)
    files = hospital_day[0].rows("select distinct name from raw_ehr.file")
    text = json.dumps(events)
    assert [name for (name,) in files if name in text] == []
