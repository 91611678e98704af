"""The dashboards as people see them: in a browser, role by role, against the marts."""

import httpx
import pytest

from ledgerline.dashboards import load
from ledgerline.runtime.superset import service
from tests.warehouse.dashboard_figures import FIGURES, MONTH, written
from tests.warehouse.dashboard_reading import api, ask, exported

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not service.is_installed(), reason="Superset is not installed (.venv-bi)"
    ),
]
DEFINITION = load()
PAGES = {page.slug: page for page in DEFINITION.pages}
EXECUTIVE = [slug for slug, page in PAGES.items() if "Executive" in page.roles]
TILES = [
    (page.slug, chart.title)
    for page in DEFINITION.pages
    for chart in page.charts
    if chart.kind == "tile"
]


@pytest.mark.parametrize(
    ("name", "pages"),
    [("executive", EXECUTIVE), ("analyst", PAGES), ("engineer", PAGES)],
)
def test_each_account_sees_its_pages_once(home, name, pages):
    with api(home, name) as client:
        found = client.get("/api/v1/dashboard/").json()["result"]
    assert sorted(each["slug"] for each in found) == sorted(pages)


def test_an_executive_sees_no_cases(home):
    with api(home, "executive") as client:
        for path in ("cases", "cases/charts", "cases/datasets"):
            answer = client.get(f"/api/v1/dashboard/{path}")
            assert answer.status_code in {403, 404}, path


def test_an_analyst_sees_the_cases(seen, hospital):
    lowest = hospital.value(
        "select marts.dollars(min(operating_margin_amount)) "
        "from marts.encounter_margin "
        f"where service_month = ({MONTH})"
    )
    told = seen("analyst", "cases")
    assert lowest in told["Cases behind the margin, lowest first"]


def test_nobody_sees_anything_without_an_account(home):
    answer = httpx.get(
        f"{service.base_url(home)}/api/v1/dashboard/executive-overview",
        trust_env=False,
    )
    assert answer.status_code in {401, 403, 404}


@pytest.mark.parametrize("name", ["analyst", "engineer"])
def test_sql_lab_reads_as_the_analyst_of_the_warehouse(home, name):
    with api(home, name) as client:
        answer = ask(
            client,
            "select distinct grantee as reader "
            "from information_schema.role_table_grants where table_schema = 'marts'",
        )
    assert answer.json()["data"] == [{"reader": "ledgerline_analyst"}]


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("select count(*) from raw_ehr.record", "permission denied"),
        ("select * from ops.quarantined_record", "permission denied"),
        ("select * from post.entry", "permission denied"),
        ("delete from marts.service_line_profitability", "mutates data"),
        ("create table marts.mine as select 1", "mutates data"),
    ],
)
def test_sql_lab_shows_no_identified_data_and_changes_nothing(home, sql, refusal):
    with api(home, "analyst") as client:
        answer = ask(client, sql)
    assert answer.is_error
    assert refusal in answer.text


def test_an_exported_cell_is_no_formula_of_a_spreadsheet(home):
    """A name that a source made up must not be executed by whoever opens the file."""
    with api(home, "analyst") as client:
        header, cells = exported(
            client,
            "select '=cmd|calc' as a, '+1+cmd' as b, '@SUM(1)' as c, "
            "'-2+3' as d, -5 as e, 'plain' as f",
        )
    assert header == "a,b,c,d,e,f"
    *text, number, plain = cells.split(",")
    assert [cell[:2] for cell in text] == ["'=", "'+", "'@", "'-"]
    assert (number, plain) == ("-5", "plain")


def test_an_executive_has_no_sql_lab_and_changes_no_page(home):
    with api(home, "executive") as client:
        assert ask(client, "select 1").status_code == httpx.codes.FORBIDDEN
        number = client.get("/api/v1/dashboard/").json()["result"][0]["id"]
        changed = client.put(f"/api/v1/dashboard/{number}", json={"slug": "mine"})
        assert changed.status_code == httpx.codes.FORBIDDEN


def test_an_executive_asks_no_question_that_no_page_asks(home):
    with api(home, "engineer") as client:
        number = client.get("/api/v1/dataset/").json()["result"][0]["id"]
    with api(home, "executive") as client:
        answer = client.post(
            "/api/v1/chart/data",
            json={
                "datasource": {"id": number, "type": "table"},
                "queries": [{"columns": ["month"], "metrics": [], "row_limit": 5}],
            },
        )
    assert answer.status_code == httpx.codes.FORBIDDEN


@pytest.mark.parametrize(("slug", "title"), TILES)
def test_each_tile_equals_sql_on_the_marts(seen, hospital, slug, title):
    kind, sql = FIGURES[slug, title]
    expected = written(kind, hospital.value(sql.replace(":month", f"({MONTH})")))
    lines = seen("executive", slug)[title].split("\n")
    assert expected in [line.strip() for line in lines]


@pytest.mark.parametrize("slug", EXECUTIVE)
def test_every_page_says_its_publication_and_what_the_gate_said(seen, hospital, slug):
    number, badge, note = hospital.rows(
        "select publication_id, gate_badge, gate_note from marts.publication_status"
    )[0]
    told = seen("executive", slug)["Publication and gate"]
    assert badge in told
    assert note in told
    assert str(number) in told


@pytest.mark.parametrize("slug", EXECUTIVE)
def test_every_chart_of_a_page_shows_something(seen, slug):
    told = seen("executive", slug)
    assert set(told) == {chart.title for chart in PAGES[slug].charts}
    faults = (
        "Unexpected error",
        "Data error",
        "permission denied",
        "doesn't have access",
    )
    assert [
        title for title, text in told.items() if any(f in text for f in faults)
    ] == []


def test_the_month_is_told_in_one_sentence(seen, hospital):
    margin, budget, month = hospital.rows(
        "select marts.dollars(sum(operating_margin_amount)), "
        "marts.dollars(abs(sum(operating_margin_amount) "
        "- sum(budget_operating_margin_amount))), "
        "to_char(max(service_month), 'FMMonth YYYY') from marts.margin_ladder "
        f"where dimension_name = 'facility' and service_month = ({MONTH})"
    )[0]
    told = seen("executive", "executive-overview")["The month in one sentence"]
    assert f"{month}: operating margin of {margin}, {budget} " in told
    assert "Largest single driver: " in told


@pytest.mark.parametrize("name", ["analyst", "engineer"])
def test_other_accounts_see_the_same_figures(seen, name):
    for title in ("Net revenue", "Operating margin", "The month in one sentence"):
        told = seen("executive", "executive-overview")[title].split("\n")[-1]
        assert told in seen(name, "executive-overview")[title]
