"""Metrics, exposures and units: what readers see says what it means; no database."""

import csv
import re

import pytest

from tests.dbt_manifest import PROJECT

PUBLIC = {"conformed", "marts", "outbound"}
DEFINITIONS = PROJECT / "seeds" / "metric_definition.csv"


@pytest.fixture(scope="module")
def metrics(manifest):
    return {each["name"]: each for each in manifest["metrics"].values()}


def definitions():
    with DEFINITIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def published(manifest):
    return {
        node["unique_id"]: node
        for node in manifest["nodes"].values()
        if node["config"].get("meta", {}).get("published")
    }


@pytest.mark.parametrize("row", definitions(), ids=lambda row: row["metric_code"])
def test_a_metric_of_the_revenue_cycle_is_what_its_definition_says(metrics, row):
    metric = metrics[row["metric_code"]]
    assert metric["label"] == row["metric_name"]
    assert metric["description"] == row["definition"]
    assert metric["config"]["meta"]["unit"] == row["unit"]
    kind = "ratio" if row["value_kind"] == "ratio" else "simple"
    assert metric["type"] == kind
    assert ages(metric) in ([], [row["maturity_days_count"]])
    assert ages(metric) or row["cohort"] != "submitted"


def ages(metric):
    filters = (metric["filter"] or {}).get("where_filters", [])
    text = " ".join(each["where_sql_template"] for each in filters)
    return re.findall(r"age_days_count\'\) }} >= (\d+)", text)


def test_every_metric_says_what_it_is_and_in_which_unit(manifest, metrics):
    """One that dbt makes of a measure is told by the measure."""
    measures = {
        measure["name"]: measure
        for model in manifest["semantic_models"].values()
        for measure in model["measures"]
    }

    def is_told(name):
        told = metrics[name] if metrics[name]["config"]["meta"] else measures[name]
        unit = told["config"]["meta"].get("unit")
        return told["label"] and told["description"] and unit

    assert not [name for name in metrics if not is_told(name)]
    assert not [name for name in measures if not measures[name]["description"]]


def test_every_exposure_has_an_owner_a_maturity_and_relations(manifest):
    def is_told(exposure):
        owner = exposure["owner"]
        relations = exposure["depends_on"]["nodes"]
        return owner["name"] and owner["email"] and exposure["maturity"] and relations

    exposures = manifest["exposures"].values()
    assert {each["type"] for each in exposures} == {"dashboard", "application"}
    assert not [each["name"] for each in exposures if not is_told(each)]


def test_every_mart_and_document_has_somebody_who_depends_on_it(manifest):
    used = {
        relation
        for exposure in manifest["exposures"].values()
        for relation in exposure["depends_on"]["nodes"]
    }
    outward = {
        name: node
        for name, node in published(manifest).items()
        if node["fqn"][1] in {"marts", "outbound"}
    }
    assert not sorted(outward.keys() - used)
    assert used <= published(manifest).keys()


UNITS = {
    r"_(amount|cost)$": r"USD",
    r"_quantity$|^quantity$": r"[Uu]nit",
    r"_at$": r"UTC",
    r"_rate$|^rate$": r"[Ss]hare|over|[Rr]atio|[Rr]ate",
    r"_days_count$": r"[Dd]ays|[Mm]idnights",
}


@pytest.mark.parametrize("name", UNITS)
def test_every_measure_says_its_unit(manifest, name):
    def has_unit(column, columns):
        told = re.search(UNITS[name], column["description"])
        return told or f"{column['name']}_unit" in columns

    missing = [
        f"{node['name']}.{column['name']}"
        for node in published(manifest).values()
        for column in node["columns"].values()
        if re.search(name, column["name"]) and not has_unit(column, node["columns"])
    ]
    assert missing == []
