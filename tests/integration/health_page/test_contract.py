"""The OpenAPI document of /ledgerline/v1 holds: every answer is one that it tells."""

from collections import Counter
from secrets import token_urlsafe

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis import GenerationMode

from ledgerline.orchestration.health_page import PREFIX
from tests.hospital import ROOT
from tests.integration.health_page.test_calls import TOKEN

pytestmark = [pytest.mark.integration, pytest.mark.long]
CASES = 1_000
WRITES = {
    "/exceptions/replay": {"post"},
    "/requests/{number}/approve": {"post"},
    "/requests/{number}/reject": {"post"},
}
TAKES_NOTHING = "/page.css"
READS = {"/": {"get"}, "/page.css": {"get"}}


def document(site):
    return httpx.get(f"{site.page}openapi.json", trust_env=False).json()


def test_every_call_is_in_the_document_with_its_refusals(site):
    told = document(site)
    assert {path: set(calls) for path, calls in told["paths"].items()} == {
        **READS,
        **WRITES,
    }
    for path in WRITES:
        answers = told["paths"][path]["post"]["responses"]
        assert {"303", "400", "401", "403", "409", "422", "429"} <= set(answers)
        assert "Retry-After" in answers["429"]["headers"]
    assert "200" not in told["paths"]["/exceptions/replay"]["post"]["responses"]


def test_the_service_catalogue_tells_of_every_call(site):
    told = document(site)
    page = (ROOT / "docs" / "service_catalogue.md").read_text()
    for path, calls in told["paths"].items():
        for method in calls:
            assert f"| `{method.upper()} {PREFIX}{path}` | " in page
    assert f"**{told['info']['contact']['name']}**" in page
    assert f"version {told['info']['version']};" in page
    assert told["info"]["description"] in page


def exercise(operation, mode, token, headers, seen):
    """Make calls of one operation, and hold each answer against the document.

    Half of the forms carry a token of the page, so that they get past it.
    """

    @given(case=operation.as_strategy(generation_mode=mode), is_own_page=booleans())
    @settings(
        max_examples=CASES // 6,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def call(case, is_own_page):
        if isinstance(case.body, dict) and is_own_page:
            case.body["form_token"] = token
        if mode is GenerationMode.POSITIVE:
            case.headers["Idempotency-Key"] = token_urlsafe()
        answer = case.call(headers=headers, allow_redirects=False)
        case.validate_response(answer, headers=headers)
        seen[operation.path, answer.status_code] += 1

    call()


def test_a_thousand_calls_end_as_the_document_says(site):
    """Signed in as one who may do everything."""
    schema = schemathesis.openapi.from_dict(document(site))
    schema.config.update(base_url=site.page.rstrip("/"))
    with site.client("bo") as bo:
        token = TOKEN.search(bo.get("/ledgerline/v1/").text)[1]
    signed_in = {
        "Authorization": f"Bearer {site.session('bo')}",
        "Origin": site.base,
    }
    seen = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        exercise(operation, GenerationMode.POSITIVE, token, signed_in, seen)
        if operation.path != TAKES_NOTHING:
            exercise(operation, GenerationMode.NEGATIVE, token, signed_in, seen)
    assert sum(seen.values()) >= CASES, seen
    assert {code for _, code in seen} >= {200, 303, 422}, seen
