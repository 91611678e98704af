"""The dashboards as people see them: in a browser, role by role, against the marts."""

import shutil
import uuid
from contextlib import contextmanager

import httpx
import pytest

from ledgerline import settings
from ledgerline.dashboards import load
from ledgerline.operations.lines import access
from ledgerline.runtime.session import end
from ledgerline.runtime.superset import service
from ledgerline.runtime.superset.dashboards import import_dashboards
from tests.warehouse.dashboard_figures import DIRECTED, FIGURES, MONTH, OWN, written

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not service.is_installed(), reason="Superset is not installed (.venv-bi)"
    ),
]
DEFINITION = load()
DIRECTOR = "maria"
PAGES = {page.slug: page for page in DEFINITION.pages}
TILES = [
    (page.slug, chart.title)
    for page in DEFINITION.pages
    for chart in page.charts
    if chart.kind == "tile"
]
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
IS_CALM = """() => !document.querySelector('.loading, [data-test="loading-indicator"]')
    && !document.body.innerText.includes('Waiting on')
    && document.querySelectorAll('[data-test-chart-name]').length > 0"""
TEXTS = """() => Object.fromEntries(
    [...document.querySelectorAll('[data-test-chart-name]')].map(
        chart => [chart.dataset.testChartName, chart.innerText]))"""


@pytest.fixture(scope="module")
def hospital(hospital_day):
    return hospital_day[0]


@pytest.fixture(scope="module")
def home(hospital):
    """The hospital's home with Superset in it, the dashboards imported twice."""
    here = settings.load(hospital.environment)
    if DIRECTOR not in access.directors(hospital.dsn):
        number = access.give(hospital.dsn, DIRECTOR, OWN, "Ann Lee")
        access.decide(hospital.dsn, number, "approved", "Bo Kim")
    service.open_logins(here, hospital.dsn, [DIRECTOR])
    service.start(here, [DIRECTOR])
    import_dashboards(here, hospital.dsn)
    import_dashboards(here, hospital.dsn)
    yield here
    end([service.process(here)])


@contextmanager
def api(home, name):
    with httpx.Client(
        base_url=service.base_url(home), timeout=60, trust_env=False
    ) as client:
        account = {"username": name, "provider": "db"}
        account["password"] = service.passwords(home, [DIRECTOR])[name]
        token = client.post("/api/v1/security/login", json=account).json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        csrf = client.get("/api/v1/security/csrf_token/").json()["result"]
        client.headers.update({"X-CSRFToken": csrf, "Referer": str(client.base_url)})
        yield client


def ask(client, sql):
    """Ask in SQL Lab; Superset wants another client_id for each question."""
    question = {"database_id": 1, "sql": sql, "client_id": uuid.uuid4().hex[:11]}
    return client.post("/api/v1/sqllab/execute/", json=question)


@pytest.mark.parametrize("name", ["executive", "analyst", "engineer"])
def test_each_account_sees_every_page_once(home, name):
    with api(home, name) as client:
        found = client.get("/api/v1/dashboard/").json()["result"]
    assert sorted(each["slug"] for each in found) == sorted(PAGES)


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


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed"
    )
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=list(QUIET))
        yield opened
        opened.close()


class Reader:
    """Somebody with a browser who has logged in."""

    def __init__(self, browser, home, name):
        self.url = service.base_url(home)
        self.page = browser.new_page(viewport={"width": 1440, "height": 5000})
        self.left = []
        self.page.on("requestfinished", self._note)
        self.page.goto(f"{self.url}/login/")
        self.page.fill("input#username", name)
        known = service.passwords(home, [DIRECTOR])
        self.page.fill("input#password", known[name])
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def _note(self, request):
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.left.append(request.url)

    def read(self, slug):
        """Open a page, wait for its figures; return the text of each chart."""
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/")
        self.page.wait_for_selector("[data-test-chart-name]", timeout=60_000)
        calm = 0
        for _ in range(300):
            calm = calm + 1 if self.page.evaluate(IS_CALM) else 0
            if calm == 8:
                return self.page.evaluate(TEXTS)
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{slug} is not ready after 75 s")


@pytest.fixture(scope="module")
def seen(browser, home):
    """What each account sees of each page."""
    known = {}

    def see(name, slug):
        if name not in known:
            known[name] = (Reader(browser, home, name), {})
        reader, pages = known[name]
        if slug not in pages:
            pages[slug] = reader.read(slug)
        assert reader.left == []
        return pages[slug]

    return see


@pytest.mark.parametrize(("slug", "title"), TILES)
def test_each_tile_equals_sql_on_the_marts(seen, hospital, slug, title):
    kind, sql = FIGURES[slug, title]
    expected = written(kind, hospital.value(sql.replace(":month", f"({MONTH})")))
    lines = seen("executive", slug)[title].split("\n")
    assert expected in [line.strip() for line in lines]


@pytest.mark.parametrize("slug", PAGES)
def test_every_page_says_its_publication_and_what_the_gate_said(seen, hospital, slug):
    number, badge, note = hospital.rows(
        "select publication_id, gate_badge, gate_note from marts.publication_status"
    )[0]
    told = seen("executive", slug)["Publication and gate"]
    assert badge in told
    assert note in told
    assert str(number) in told


@pytest.mark.parametrize("slug", PAGES)
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
    assert sum(name in everything for name in names.values()) > 5


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
    title = DEFINITION.datasets["own_lines"].title
    with api(home, DIRECTOR) as client:
        answer = answered(client, datasets[title], metrics=[])
    name = hospital.value(
        "select service_line_name from reference.service_line "
        "where service_line_code = %s",
        OWN,
    )
    assert answer.json()["result"][0]["data"] == [{"service_line": name}]


@pytest.mark.parametrize(
    "query",
    [
        {"metrics": [], "extras": {"where": f"service_line_code <> '{OWN}'"}},
        {
            "metrics": [],
            "filters": [
                {"col": "service_line", "op": "!=", "val": "Orthopedics & Spine"}
            ],
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
    title = DEFINITION.datasets["own_lines"].title
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
