"""The workflow-health page: who may look, ask and approve, and what is refused."""

import re
import secrets

import pytest

pytestmark = pytest.mark.integration
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
REPLAY = "/ledgerline/v1/exceptions/replay"
DEAD = "select entry_id::text from post.entry where state = 'DEAD' order by 1"


def token(client):
    found = TOKEN.search(client.get("/ledgerline/v1/").text)
    return found[1] if found else "none"


def press(site, client, path, given=None, headers=None, **form):
    """Send a form as the page does, unless told otherwise."""
    given = token(client) if given is None else given
    sent = {"form_token": given, **form}
    headers = {"Origin": site.base} if headers is None else headers
    key = {"Idempotency-Key": secrets.token_urlsafe(8)}
    return client.post(path, data=sent, headers={**key, **headers})


def asked(site, name="ann"):
    """One more request of somebody, and its number."""
    [entry] = site.rows(f"{DEAD} limit 1")
    with site.client(name) as client:
        done = press(site, client, REPLAY, exception_id=entry[0], reason="it is up")
    assert done.status_code == 303
    [(number,)] = site.rows("select max(request_id) from ops.request")
    return number


def decide(site, name, number, decision="approve", **how):
    with site.client(name) as client:
        path = f"/ledgerline/v1/requests/{number}/{decision}"
        return press(site, client, path, **how)


def state(site, number):
    [(said,)] = site.rows(f"select state from ops.request where request_id = {number}")
    return said


def test_who_is_not_signed_in_is_sent_to_the_login_and_writes_nothing(site):
    with site.client() as client:
        looked = client.get("/ledgerline/v1/")
        assert looked.status_code == 302
        assert "/auth/login" in looked.headers["location"]
        assert press(site, client, REPLAY, "x", exception_id="1").status_code == 401


@pytest.mark.parametrize("name", ["eve", "mallory"])
def test_a_viewer_looks_and_has_no_button(site, name):
    with site.client(name) as client:
        looked = client.get("/ledgerline/v1/")
        assert looked.status_code == 200
        assert "<form" not in looked.text
        [entry] = site.rows(f"{DEAD} limit 1")
        done = press(site, client, REPLAY, exception_id=entry[0], reason="x")
        assert done.status_code == 403
    number = asked(site)
    assert decide(site, name, number).status_code == 403
    assert state(site, number) == "proposed"


@pytest.mark.parametrize(
    "site", [pytest.param("fab", marks=pytest.mark.long)], indirect=True
)
def test_who_has_no_role_of_the_page_sees_nothing_of_it(site):
    number = asked(site)
    with site.client("olaf") as client:
        assert client.get("/api/v2/dags").status_code == 200
        assert client.get("/ledgerline/v1/").status_code == 403
    assert decide(site, "olaf", number).status_code == 403
    assert state(site, number) == "proposed"


def test_an_operator_asks_and_does_not_approve(site):
    number = asked(site)
    assert decide(site, "ann", number).status_code == 403
    assert state(site, number) == "proposed"
    by = site.rows(f"select requested_by from ops.request where request_id = {number}")
    assert by == [("ann",)]


def test_an_approver_approves_what_another_asked_for_once(site):
    number = asked(site)
    done = decide(site, "bo", number)
    assert done.status_code == 303
    assert state(site, number) == "approved"
    with site.client("bo") as client:
        assert "carried out" in client.get(done.headers["location"]).text
    again = decide(site, "cy", number)
    with site.client("cy") as client:
        assert "was approved by bo" in client.get(again.headers["location"]).text
    used = f"select count(*) from ops.request_use where request_id = {number}"
    assert site.rows(used) == [(1,)]


def test_a_request_is_rejected_without_effect(site):
    number = asked(site)
    dead = site.rows(DEAD)
    decide(site, "bo", number, "reject")
    assert state(site, number) == "rejected"
    assert site.rows(DEAD) == dead


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Referer": "https://elsewhere.example/"},
        "cross-site",
        "same-site",
    ],
)
def test_a_form_of_another_site_is_refused(site, headers):
    number = asked(site)
    if isinstance(headers, str):
        headers = {"Origin": site.base, "Sec-Fetch-Site": headers}
    assert decide(site, "bo", number, headers=headers).status_code == 403
    assert state(site, number) == "proposed"


def test_another_persons_token_or_none_is_refused(site):
    number = asked(site)
    with site.client("ann") as client:
        of_ann = token(client)
    for given in (of_ann, "", "made.up.token", of_ann + "x"):
        done = decide(site, "bo", number, given=given)
        assert done.status_code in {403, 422}
    assert state(site, number) == "proposed"


def test_of_200_wrongful_approvals_by_the_page_none_succeeds(site):
    """Bo asks; in 25 rounds eight wrongful ways to approve it."""
    count = 0
    with (
        site.client("bo") as bo,
        site.client("eve") as eve,
        site.client("ann") as ann,
        site.client() as nobody,
    ):
        of_bo, of_ann = token(bo), token(ann)
        foreign = {"Origin": "https://elsewhere.example"}
        for _ in range(25):
            number = asked(site, "bo")
            path = f"/ledgerline/v1/requests/{number}/approve"
            wrongful = [
                press(site, bo, path, of_bo),
                press(site, ann, path, of_ann),
                press(site, eve, path, of_bo),
                press(site, nobody, path, of_bo),
                press(site, bo, path, of_ann),
                press(site, bo, path, of_bo, foreign),
                press(site, bo, path, ""),
                press(site, bo, path, of_bo, {"X-Forwarded-Host": "x"}),
            ]
            count += sum(each.status_code in {303, 401, 403, 422} for each in wrongful)
            assert state(site, number) == "proposed"
            decide(site, "cy", number, "reject")
    assert count == 200


def test_what_is_done_and_refused_on_the_page_is_on_the_audit_chain(site):
    number = asked(site, "bo")
    decide(site, "bo", number)
    noted = site.rows(
        "select action, detail ->> 'by', detail ->> 'outcome' from audit.event "
        "where subject = 'ops.exception' order by event_id desc limit 2"
    )
    assert noted == [
        ("page_approve", "bo", "REQUEST_REFUSED"),
        ("page_replay", "bo", "done"),
    ]


def test_a_sentence_that_is_not_ours_is_not_shown(site):
    with site.client("eve") as client:
        shown = client.get("/ledgerline/v1/?said=Call+this+number").text
    assert "Call this number" not in shown


def test_no_other_site_frames_the_page_and_no_script_runs_in_it(site):
    with site.client("eve") as client:
        told = client.get("/ledgerline/v1/")
    policy = told.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert told.headers["cache-control"] == "no-store"
