"""The workflow-health page in a real browser, inside Airflow, person by person."""

import os

import pytest

from tests.conftest import open_browser
from tests.integration.health_page.conftest import PASSWORD

pytestmark = pytest.mark.integration
VIEW = "/plugin/workflow_health"
DEAD = "select count(*) from post.entry where state = 'DEAD'"


def picture(shown, name):
    """Keep a picture of what is shown, for somebody to look at."""
    if folder := os.environ.get("LEDGERLINE_TEST_IMAGES"):
        shown.screenshot(path=f"{folder}/{name}.png")


@pytest.fixture(scope="module")
def browser():
    yield from open_browser()


@pytest.fixture
def visit(browser, site):
    """Sign in as somebody at Airflow's own login; return the page in its frame."""
    contexts = []

    def enter(name):
        context = browser.new_context(viewport={"width": 1500, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{site.base}/auth/login")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(f"{site.base}{VIEW}")
        frame = page.frame_locator("iframe")
        frame.get_by_role("heading", name="Workflow health").wait_for()
        return frame, page

    yield enter
    for context in contexts:
        context.close()


def test_nobody_sees_the_page_without_an_account(browser, site):
    page = browser.new_page()
    page.goto(site.page)
    page.wait_for_url(lambda url: "/auth/login" in url)
    assert "Workflow health" not in page.content()
    page.close()


def test_a_viewer_reads_and_finds_no_button(visit):
    frame, _ = visit("eve")
    assert frame.get_by_role("button").count() == 0
    assert "You may look" in frame.locator("header").inner_text()
    assert "ERP_UNKNOWN" in frame.locator("table").nth(1).inner_text()


def test_a_viewer_reads_how_far_the_close_of_a_month_is(visit):
    frame, _ = visit("eve")
    close = frame.get_by_role("region", name="Close")
    month = close.get_by_role("row", name="2026-01").inner_text()
    assert "open" in month
    assert "not compared" in month
    stuck = close.get_by_role("row", name="rejected, dead or in conflict")
    assert "NO" in stuck.inner_text()
    picture(close, "workflow_health_close")


def test_an_operator_asks_and_an_approver_approves(visit, site):
    [(before,)] = site.rows(DEAD)
    frame, _ = visit("ann")
    assert frame.get_by_role("button", name="Approve").count() == 0
    row = frame.locator("form").first
    row.get_by_role("textbox").fill("the ERP was down from 2 to 4")
    row.get_by_role("button").click()
    said = frame.get_by_role("status")
    said.wait_for()
    assert "waits for another person's approval" in said.inner_text()
    [(number,)] = site.rows("select max(request_id) from ops.request")
    assert site.rows(DEAD) == [(before,)]
    frame, page = visit("bo")
    picture(page, "workflow_health")
    frame.get_by_role("button", name=f"approve request {number}").click()
    said = frame.get_by_role("status")
    said.wait_for()
    assert said.inner_text() == f"Request {number} is approved and carried out."
    assert site.rows(DEAD) == [(before - 1,)]


def test_who_asked_is_refused_in_words(visit, site):
    frame, _ = visit("cy")
    row = frame.locator("form", has=frame.get_by_role("textbox")).first
    row.get_by_role("textbox").fill("the ERP is up")
    row.get_by_role("button").click()
    frame.get_by_role("status").wait_for()
    [(number,)] = site.rows("select max(request_id) from ops.request")
    [(before,)] = site.rows(DEAD)
    frame.get_by_role("button", name=f"approve request {number}").click()
    said = frame.get_by_role("status").filter(has_text="Refused")
    said.wait_for()
    assert "cy asked for request" in said.inner_text()
    assert site.rows(DEAD) == [(before,)]
