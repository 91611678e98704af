"""The definition of the dashboards holds together, before any Superset reads it."""

import io
import re
import zipfile

import pytest
import yaml

from ledgerline.board_pack.wording import EFFECTS
from ledgerline.dashboards import bundle, load
from ledgerline.dashboards.chart import KINDS, parameters
from ledgerline.dashboards.page import Chart
from ledgerline.dashboards.style import FORMATS

DEFINITION = load()
CHARTS = [(page, chart) for page in DEFINITION.pages for chart in page.charts]
EACH_CHART = pytest.mark.parametrize(
    ("page", "chart"), CHARTS, ids=[f"{p.slug}: {c.title}" for p, c in CHARTS]
)
EFFECT = re.compile(r"when '(\w+)' then '([a-z, ]+)'$", re.MULTILINE)
RELATION = re.compile(r"\b(?:from|join) (marts\w*\.\w+)")
ABOUT_NO_CASE = {
    *("marts.publication_status", "marts.code_name", "marts.reconciliation"),
    *("marts.reconciliation_effort", "marts.close_cockpit", "marts.workflow_health"),
    "marts.time_to_ledger",
}
ADDRESS = "postgresql+psycopg2://127.0.0.1:5432/ledgerline"


def packed():
    return bundle(DEFINITION, ADDRESS)


def documents():
    archive = zipfile.ZipFile(io.BytesIO(packed()))
    return {name: yaml.safe_load(archive.read(name)) for name in archive.namelist()}


@pytest.mark.parametrize("page", DEFINITION.pages, ids=lambda page: page.slug)
def test_a_page_begins_with_its_publication_and_the_gate(page):
    assert page.charts[0].kind == "status"
    assert page.charts[0].dataset == "status"


def test_the_headline_names_an_effect_as_the_board_pack_does():
    [told] = [
        dict(EFFECT.findall(dataset.sql))
        for dataset in DEFINITION.datasets.values()
        if "marts_pooled.margin_driver" in dataset.sql and "effect_name" in dataset.sql
    ]
    assert told == dict(EFFECTS)


@pytest.mark.parametrize("page", DEFINITION.pages, ids=lambda page: page.slug)
def test_a_row_fills_the_page_and_no_title_comes_twice(page):
    assert {sum(chart.width for chart in row) for row in page.rows} == {12}
    titles = [chart.title for chart in page.charts]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("page", DEFINITION.pages, ids=lambda page: page.slug)
def test_a_page_is_opened_to_somebody(page):
    assert set(page.roles) <= {"Director", "Executive", "Analyst"}
    assert page.roles


@EACH_CHART
def test_what_executives_and_directors_see_is_pooled_or_about_no_case(page, chart):
    """PostgreSQL refuses them the rest; a page that asks for it would show an error."""
    read = set(RELATION.findall(DEFINITION.datasets[chart.dataset].sql))
    if set(page.roles) == {"Analyst"}:
        return
    pooled = {relation for relation in read if relation.startswith("marts_pooled.")}
    assert read - pooled <= ABOUT_NO_CASE


@EACH_CHART
def test_a_chart_names_metrics_that_its_dataset_has(page, chart):
    dataset = DEFINITION.datasets[chart.dataset]
    named = {chart.metric, *chart.metrics} - {""}
    if chart.kind == "table":
        named.add(chart.order_by)
    assert named <= set(dataset.metrics)


@EACH_CHART
def test_what_a_reader_sees_of_a_chart_has_a_title(page, chart):
    dataset = DEFINITION.datasets[chart.dataset]
    assert {*chart.rows, *chart.columns} <= set(dataset.columns)
    assert all(
        title[0].isupper() or title[0] == "%" for title in dataset.columns.values()
    )


@EACH_CHART
def test_a_number_has_a_format(page, chart):
    dataset = DEFINITION.datasets[chart.dataset]
    for name in ({chart.metric} - {""}) if chart.kind == "tile" else ():
        assert dataset.metrics[name].format in FORMATS
        assert dataset.metrics[name].format


@EACH_CHART
def test_only_variances_are_red_and_green(page, chart):
    coloured = set(chart.variances)
    assert all("variance" in name for name in coloured)


@EACH_CHART
def test_every_chart_becomes_native_parameters(page, chart):
    kind, given = parameters(chart, DEFINITION.datasets[chart.dataset])
    assert chart.kind in KINDS
    assert given["viz_type"] == kind != "handlebars"


@EACH_CHART
def test_a_column_that_a_chart_or_a_filter_names_is_one_of_its_dataset(page, chart):
    dataset = DEFINITION.datasets[chart.dataset]
    named = {chart.x, chart.y, chart.step, *chart.rows, *chart.columns} - {""}
    assert named <= {*dataset.columns, dataset.time}
    filtered = DEFINITION.datasets[page.filtered_by]
    assert set(page.filters) <= set(filtered.columns)
    assert chart.kind != "lines" or chart.x == dataset.time


def test_a_condition_of_the_definition_reaches_superset():
    chart = next(chart for _, chart in CHARTS if chart.where)
    _, given = parameters(chart, DEFINITION.datasets[chart.dataset])
    assert [rule["sqlExpression"] for rule in given["adhoc_filters"]] == [chart.where]


def test_the_same_definition_is_the_same_bundle():
    first, second = documents(), documents()
    assert first == second
    identifiers = [each["uuid"] for each in first.values() if "uuid" in each]
    assert len(identifiers) == len(set(identifiers))


def test_the_bundle_holds_every_chart_and_no_account():
    found = documents()
    charts = [name for name in found if "/charts/" in name]
    assert len(charts) == len(CHARTS)
    database = found["ledgerline/databases/warehouse.yaml"]
    assert database["sqlalchemy_uri"] == ADDRESS
    assert not database["allow_dml"]
    assert "@" not in database["sqlalchemy_uri"]


def test_the_month_does_not_filter_what_shows_every_month():
    page = next(page for page in DEFINITION.pages if page.slug == "executive-overview")
    found = documents()["ledgerline/dashboards/executive-overview.yaml"]
    month, line = found["metadata"]["native_filter_configuration"]
    excluded = {page.charts[number - 1].title for number in month["scope"]["excluded"]}
    assert excluded == {"Revenue and cost by month"}
    assert line["scope"]["excluded"] == []
    assert month["controlValues"]["defaultToFirstItem"]
    assert not month["controlValues"]["sortAscending"]


def test_a_key_that_nothing_reads_is_refused():
    with pytest.raises(TypeError, match="colour"):
        Chart(title="A", kind="tile", dataset="lines", width=1, height=1, colour="red")
