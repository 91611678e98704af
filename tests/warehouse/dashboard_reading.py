"""Superset as a person reads it: by its API, and in a browser."""

import json
import uuid
from contextlib import contextmanager

import httpx
from playwright.sync_api import TimeoutError as Missed

from ledgerline.runtime.superset import service

DIRECTOR = "maria"
"""The account of the director whom the tests log in."""
IS_CALM = """() => !document.querySelector('.loading, [data-test="loading-indicator"]')
    && !document.body.innerText.includes('Waiting on')
    && document.querySelectorAll('[data-test-chart-name]').length > 0"""
TEXTS = """() => Object.fromEntries(
    [...document.querySelectorAll('[data-test-chart-name]')].map(
        chart => [chart.dataset.testChartName, chart.innerText]))"""


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


def exported(client, sql):
    """The answer of SQL Lab as the lines of the CSV file that it gives out."""
    number = json.loads(ask(client, sql).request.content)["client_id"]
    given = client.get(f"/api/v1/sqllab/export/{number}/")
    return given.text.lstrip("\ufeff").splitlines()


class Reader:
    """Somebody with a browser who has logged in."""

    def __init__(self, browser, home, name):
        self.url = service.base_url(home)
        self.page = browser.new_page(viewport={"width": 1440, "height": 5000})
        self.left = []
        self.page.on("requestfinished", self._note)
        self.page.set_default_timeout(120_000)
        # The login page reports that it was opened, a second later. Nobody may report
        # without having logged in: the refusal takes the session of who just did.
        with self.page.expect_response(lambda told: "/login/?next=" in told.url):
            self.page.goto(f"{self.url}/login/")
        self.page.fill("input#username", name)
        known = service.passwords(home, [DIRECTOR])
        self.page.fill("input#password", known[name])
        self.page.click("button[type=submit]")
        try:
            self.page.wait_for_url(lambda url: "/login" not in url)
        except Missed as missed:
            told = self.page.inner_text("body")
            raise AssertionError(
                f"{name} is not let in, the page says {told!r}"
            ) from missed

    def _note(self, request):
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.left.append(request.url)

    def read(self, slug):
        """Open a page, wait for its figures; return the text of each chart."""
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/")
        self.page.wait_for_selector("[data-test-chart-name]")
        calm = 0
        for _ in range(480):
            calm = calm + 1 if self.page.evaluate(IS_CALM) else 0
            if calm == 8:
                return self.page.evaluate(TEXTS)
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{slug} is not ready after 120 s")
