"""The dashboards as a director sees them: the lines that were given, no other."""

import httpx
import pytest

from ledgerline.dashboards import load
from ledgerline.runtime.superset import service
from tests.warehouse.dashboard_figures import DIRECTED, MONTH, OWN, written
from tests.warehouse.dashboard_reading import DIRECTOR, api, ask

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not service.is_installed(), reason="Superset is not installed (.venv-bi)"
    ),
]
DEFINITION = load()
OWN_NAME = "General Medicine"
PAGES = {page.slug: page for page in DEFINITION.pages}


def test_a_director_sees_one_page_and_no_sql_lab(home):
    with api(home, DIRECTOR) as client:
        found = client.get("/api/v1/dashboard/").json()["result"]
        assert [each["slug"] for each in found] == ["service-line"]
        assert ask(client, "select 1").status_code == httpx.codes.FORBIDDEN
        other = client.get("/api/v1/dashboard/executive-overview")
        assert other.status_code in {403, 404}
        for slug in set(PAGES) - {"service-line"}:
            charts = client.get(f"/api/v1/dashboard/{slug}/charts")
            assert charts.status_code in {403, 404}


def test_each_tile_of_a_director_is_that_of_the_line(seen, hospital):
    told = seen(DIRECTOR, "service-line")
    for title, (kind, sql) in DIRECTED.items():
        expected = written(kind, hospital.value(sql.replace(":month", f"({MONTH})")))
        lines = [line.strip() for line in told[title].split("\n")]
        assert expected in lines, title
    number, badge, _ = hospital.rows(
        "select publication_id, gate_badge, gate_note from marts.publication_status"
    )[0]
    assert badge in told["Publication and gate"]
    assert str(number) in told["Publication and gate"]


def test_no_chart_of_a_director_names_another_line(seen, hospital):
    told = seen(DIRECTOR, "service-line")
    names = dict(
        hospital.rows(
            "select service_line_code, service_line_name from reference.service_line"
        )
    )
    page = "\n".join(told.values())
    assert names[OWN] in page
    assert [n for c, n in names.items() if c != OWN and n in page] == []
    everything = "\n".join(seen("executive", "service-line").values())
    assert sum(name in everything for name in names.values()) > 2


def answered(client, dataset, **query):
    """Ask a question of one's own on the page of directors, as a filter does."""
    page = client.get("/api/v1/dashboard/service-line").json()["result"]
    asked = {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [{"columns": ["service_line"], "row_limit": 1000, **query}],
        "form_data": {
            "dashboardId": page["id"],
            "native_filter_id": "NATIVE_FILTER-service-line-service_line",
            "type": "NATIVE_FILTER",
        },
    }
    return client.post("/api/v1/chart/data", json=asked)


@pytest.fixture(scope="module")
def datasets(home):
    with api(home, "engineer") as client:
        found = client.get("/api/v1/dataset/?q=(page_size:100)").json()["result"]
    return {each["table_name"]: each["id"] for each in found}


def test_the_filters_of_a_director_offer_the_line_alone(home, hospital, datasets):
    title = DEFINITION.datasets["lines"].title
    with api(home, DIRECTOR) as client:
        answer = answered(client, datasets[title], metrics=[])
    name = hospital.value(
        "select service_line_name from reference.service_line "
        "where service_line_code = %s",
        OWN,
    )
    assert name == OWN_NAME
    assert answer.json()["result"][0]["data"] == [{"service_line": name}]


@pytest.mark.parametrize(
    "query",
    [
        {"metrics": [], "extras": {"where": f"service_line_code <> '{OWN}'"}},
        {
            "metrics": [],
            "filters": [{"col": "service_line", "op": "!=", "val": OWN_NAME}],
        },
        {
            "metrics": [
                {
                    "expressionType": "SQL",
                    "label": "leak",
                    "sqlExpression": "(select sum(net_revenue_amount) "
                    "from marts.service_line_profitability)",
                }
            ]
        },
        {
            "metrics": [
                {
                    "expressionType": "SQL",
                    "label": "leak",
                    "sqlExpression": "max((select max(net_revenue_amount)::text "
                    "from marts_history.service_line_profitability))",
                }
            ]
        },
    ],
)
def test_no_question_of_a_director_is_answered_with_another_line(home, datasets, query):
    title = DEFINITION.datasets["lines"].title
    with api(home, DIRECTOR) as client:
        answer = answered(client, datasets[title], **query)
    rows = [] if answer.is_error else answer.json()["result"][0]["data"]
    assert rows == []


def test_a_director_asks_nothing_of_the_datasets_of_other_pages(home, datasets):
    own = {DEFINITION.datasets[c.dataset].title for c in PAGES["service-line"].charts}
    with api(home, DIRECTOR) as client:
        for title in set(datasets) - own:
            answer = answered(client, datasets[title], columns=[], metrics=["count"])
            assert answer.is_error, title
