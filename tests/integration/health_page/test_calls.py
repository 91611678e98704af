"""Calls of our HTTP surface: not too many; a write once, however often it is sent."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ledgerline.operations.calls.call import seconds_to_wait
from tests.integration.health_page.conftest import pace

pytestmark = pytest.mark.integration
PAGE = "/ledgerline/v1/"
REPLAY = f"{PAGE}exceptions/replay"
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
KEY = re.compile(r'name="form_key" value="([^"]+)"')
DEAD = "select entry_id::text from post.entry where state = 'DEAD' order by 1 limit 1"


@pytest.fixture
def ann(site):
    with site.client("ann") as client:
        client.headers["Origin"] = site.base
        yield client


@pytest.fixture
def few(site):
    """Three calls a minute; afterwards as many as one likes again."""
    pace(site.dsn, 3)
    yield 3
    pace(site.dsn, 1_000_000)


def form(site, client, **fields):
    [(entry,)] = site.rows(DEAD)
    token = TOKEN.search(client.get(PAGE).text)[1]
    own = {"form_token": token, "exception_id": entry, "reason": "it is up"}
    return {**own, **fields}


def send(client, data, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(REPLAY, data=data, headers=headers)


def said(client, answer):
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"]).text
    return re.search(r'role="status"[^>]*>([^<]+)<', page)[1]


def requests(site):
    [(count,)] = site.rows("select count(*) from ops.request")
    return count


def audited(site):
    [(outcome,)] = site.rows(
        "select detail ->> 'outcome' from audit.event where action = 'page_repeat' "
        "order by event_id desc limit 1"
    )
    return outcome


@pytest.mark.usefixtures("few")
def test_one_call_too_many_is_told_when_to_come_again(site):
    with site.client("eve") as client:
        codes = [client.get(PAGE) for _ in range(5)]
    assert [each.status_code for each in codes] == [200, 200, 200, 429, 429]
    assert 1 <= int(codes[-1].headers["Retry-After"]) <= 20
    assert "come again in" in codes[-1].json()["detail"]
    with site.client("mallory") as other:
        assert other.get(PAGE).status_code == 200


@pytest.mark.usefixtures("few")
def test_writes_that_are_refused_count_as_well(site):
    with site.client("eve") as client:
        data = {"form_token": "x", "exception_id": "1"}
        codes = [client.post(REPLAY, data=data).status_code for _ in range(4)]
    assert codes == [403, 403, 403, 429]


def test_calls_at_once_by_many_workers_are_counted_one_by_one(site, few):
    def take(_):
        return seconds_to_wait(site.dsn, "crowd", "read")

    with ThreadPoolExecutor(8) as workers:
        waits = list(workers.map(take, range(24)))
    assert waits.count(0) == few
    assert all(0 < wait <= 20 for wait in waits if wait)


@pytest.mark.usefixtures("few")
def test_calls_come_back_with_time(site):
    waits = [seconds_to_wait(site.dsn, "late", "read") for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    with psycopg.connect(site.dsn, autocommit=True) as connection:
        connection.execute(
            "update ops.call_pace set free_at = free_at - interval '20 seconds' "
            "where person = 'late'"
        )
    again = [seconds_to_wait(site.dsn, "late", "read") for _ in range(2)]
    assert again[0] == 0
    assert again[1] > 0


def test_a_write_that_is_sent_again_is_answered_as_the_first_time(site, ann):
    data, key, before = form(site, ann), secrets.token_urlsafe(), requests(site)
    first, second = send(ann, data, key), send(ann, data, key)
    assert requests(site) == before + 1
    assert said(ann, first) == said(ann, second)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert audited(site) == "replayed"


def test_a_key_with_another_body_or_path_is_refused(site, ann):
    data, key = form(site, ann), secrets.token_urlsafe()
    send(ann, data, key)
    before = requests(site)
    other = send(ann, {**data, "reason": "another one"}, key)
    assert other.status_code == 422
    assert "another write" in other.json()["detail"]
    assert audited(site) == "IDEMPOTENCY_KEY_REUSED"
    assert requests(site) == before


def test_a_key_is_one_persons(site, ann):
    key, before = secrets.token_urlsafe(), requests(site)
    send(ann, form(site, ann), key)
    with site.client("bo") as bo:
        bo.headers["Origin"] = site.base
        assert send(bo, form(site, bo), key).status_code == 303
    assert requests(site) == before + 2


def test_of_many_sent_at_once_one_is_done_in_each_of_ten_rounds(site, ann):
    data, before = form(site, ann), requests(site)
    for _ in range(10):
        key = secrets.token_urlsafe()
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(send, ann, data, key) for _ in range(4)]
        done = [answer.result() for answer in answers]
        assert {each.status_code for each in done} == {303}
        replayed = [each for each in done if "Idempotency-Replayed" in each.headers]
        assert len(replayed) == 3
        assert len({said(ann, each) for each in done}) == 1
    assert requests(site) == before + 10


def test_a_write_without_a_key_is_refused(site, ann):
    before = requests(site)
    refused = send(ann, form(site, ann))
    assert refused.status_code == 400
    assert "Idempotency-Key" in refused.json()["detail"]
    assert requests(site) == before


def test_each_form_of_the_page_brings_a_key_of_its_own(site, ann):
    page = ann.get(PAGE).text
    keys = KEY.findall(page)
    assert len(keys) == len(set(keys)) == page.count("<form") > 1
    before = requests(site)
    data = form(site, ann, form_key=keys[0])
    assert [send(ann, data).status_code for _ in range(2)] == [303, 303]
    assert requests(site) == before + 1


def test_of_a_write_that_was_cut_off_nobody_claims_to_know(site, ann):
    data, key, before = form(site, ann), secrets.token_urlsafe(), requests(site)
    send(ann, data, key)
    with psycopg.connect(site.dsn, autocommit=True) as connection:
        connection.execute(
            "update ops.call_answer set answer = null, answered_at = null "
            "where key = %s",
            [key],
        )
    again = send(ann, data, key)
    assert again.status_code == 409
    assert "cut off" in again.json()["detail"]
    assert audited(site) == "OUTCOME_UNKNOWN"
    assert requests(site) == before + 1


def test_answers_are_kept_for_a_day(site, ann):
    key = secrets.token_urlsafe()
    send(ann, form(site, ann), key)
    kept = f"select count(*) from ops.call_answer where key = '{key}'"
    assert site.rows(kept) == [(1,)]
    with psycopg.connect(site.dsn, autocommit=True) as connection:
        connection.execute(
            "update ops.call_answer set begun_at = begun_at - interval '25 hours' "
            "where key = %s",
            [key],
        )
    send(ann, form(site, ann), secrets.token_urlsafe())
    assert site.rows(kept) == [(0,)]


def test_what_cannot_be_read_is_named_without_its_value(site, ann):
    data = form(site, ann, exception_id="ZZ\x00secret")
    refused = send(ann, data, "key")
    assert refused.status_code == 422
    assert "exception_id" in refused.json()["detail"]
    assert "secret" not in refused.text
