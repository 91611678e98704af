"""What a server does wrong in an export, and what comes of it."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ledgerline.canonical.errors import LedgerlineError, SourceUnavailable
from ledgerline.connectors.formats.record import Refusal, RefusalClass
from tests.integration.fhir_server.fault_proxy import Answer
from tests.integration.fhir_server.peers import ids_by_type, read_all

pytestmark = pytest.mark.integration
STATUS, FILES, EXPORT = r"/bulk-status/", r"/bulk-files/", r"\$export"
SOON = datetime.now(UTC) + timedelta(days=3650)
RETRY_AFTER = {
    "seconds": "3600",
    "http date": format_datetime(SOON, usegmt=True),
    "epoch seconds": str(int(SOON.timestamp())),
    "epoch milliseconds": str(int(SOON.timestamp() * 1000)),
    "garbage": "Tuesday-ish",
    "negative": "-5",
    "not a number": "nan",
    "a past date": "Fri, 31 Dec 1999 23:59:59 GMT",
    "missing": None,
}


@pytest.mark.parametrize("form", RETRY_AFTER)
@pytest.mark.parametrize("place", [EXPORT, STATUS, FILES])
def test_429_is_waited_for_and_no_longer_than_the_cap(peer, state, form, place):
    told = RETRY_AFTER[form]
    named = {"Retry-After": told} if told else {}
    peer.proxy.fail(place, 429, times=2, **named)
    begun = time.monotonic()
    found = read_all(peer.source(types="Organization"), state)
    assert set(ids_by_type(found)) == {"Organization"}
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("place", [EXPORT, STATUS, FILES])
def test_a_server_error_that_passes_is_tried_again(peer, state, status, place):
    peer.proxy.fail(place, status)
    found = read_all(peer.source(types="Organization"), state)
    assert set(ids_by_type(found)) == {"Organization"}


def test_a_server_that_stays_busy_is_said_once_and_the_export_is_kept(peer, state):
    rule = peer.proxy.fail(STATUS, 503, times=100)
    with pytest.raises(SourceUnavailable, match="HTTP 503, after 4 tries"):
        read_all(peer.source(types="Organization"), state)
    assert state.load("export")
    rule.times = 0
    read_all(peer.source(types="Organization"), state)
    assert peer.proxy.count(EXPORT) == 1


def test_a_failed_export_is_let_go_and_the_next_run_starts_another(peer, state):
    rule = peer.proxy.fail(STATUS, 500, times=100)
    with pytest.raises(SourceUnavailable):
        read_all(peer.source(types="Organization"), state)
    assert state.load("export") is None
    rule.times = 0
    assert read_all(peer.source(types="Organization"), state)


def test_an_endless_202_ends_in_one_clear_sentence_at_the_deadline(peer, state):
    peer.proxy.fail(STATUS, 202, times=-1, Retry_After="1", X_Progress="soon")
    source = peer.source(types="Organization", deadline_seconds=1)
    begun = time.monotonic()
    with pytest.raises(SourceUnavailable, match="not complete after 1 seconds") as told:
        read_all(source, state)
    assert time.monotonic() - begun < 8
    assert "deadline_seconds" in str(told.value)
    assert state.load("export") is None
    assert state.load("export_watermark") is None
    assert peer.proxy.count(STATUS, "DELETE") == 1


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("place", [STATUS, FILES])
def test_an_export_that_is_gone_is_started_again_once(
    peer, state, held, status, place, caplog
):
    peer.proxy.fail(place, status)
    found = read_all(peer.source(types="Organization"), state)
    assert ids_by_type(found) == {"Organization": held["Organization"]}
    assert peer.proxy.count(EXPORT) == 2
    assert "starting it again, once" in caplog.text


def test_an_export_that_vanishes_twice_is_said(peer, state):
    peer.proxy.fail(STATUS, 410, times=2)
    with pytest.raises(SourceUnavailable, match="vanished twice"):
        read_all(peer.source(types="Organization"), state)
    assert peer.proxy.count(EXPORT) == 2


def cut(answer):
    return Answer(200, answer.headers, answer.body[:-40])


def test_a_file_whose_last_line_is_cut_is_fetched_once_more(peer, state, held):
    peer.proxy.rule(FILES, change=cut)
    found = read_all(peer.source(types="Patient"), state)
    assert ids_by_type(found) == {"Patient": held["Patient"]}
    assert peer.proxy.count(FILES) == 2


def test_a_file_cut_twice_lands_what_is_whole_and_does_not_close_the_export(
    peer, state, held
):
    peer.proxy.rule(FILES, times=2, change=cut)
    source = peer.source(types="Patient")
    offered = source.deliveries(state)
    with next(offered).opened() as stream:
        data = stream.read()
    taken = list(source.reader("fhir-ndjson")(lambda: iter([data])))
    with pytest.raises(SourceUnavailable, match="middle of a record, fetched twice"):
        next(offered)
    refused = [item for item in taken if isinstance(item, Refusal)]
    assert [r.refusal_class for r in refused] == [RefusalClass.TRUNCATED_RECORD]
    assert len(taken) == 60
    assert state.load("export_watermark") is None
    assert ids_by_type(read_all(source, state)) == {"Patient": held["Patient"]}


def test_a_connection_that_breaks_in_a_file_is_made_good(peer, state, held):
    def break_off(answer):
        half = answer.body[: len(answer.body) // 2]
        return Answer(200, answer.headers, half, announced_length=len(answer.body))

    peer.proxy.rule(FILES, times=2, change=break_off)
    found = read_all(peer.source(types="Patient"), state)
    assert ids_by_type(found) == {"Patient": held["Patient"]}


def test_a_file_without_a_last_line_end_is_whole(peer, state, held):
    def strip(answer):
        return Answer(200, answer.headers, answer.body.rstrip(b"\n"))

    peer.proxy.rule(FILES, change=strip)
    found = read_all(peer.source(types="Patient"), state)
    assert ids_by_type(found) == {"Patient": held["Patient"]}
    assert peer.proxy.count(FILES) == 1


def test_another_count_than_stated_is_fetched_again_and_holds_the_watermark(
    peer, state
):
    def fewer(answer):
        lines = answer.body.splitlines(keepends=True)
        return Answer(200, answer.headers, b"".join(lines[:-1]))

    peer.proxy.rule(FILES, times=2, change=fewer)
    [delivery] = peer.source(types="Patient").deliveries(state)
    assert delivery.expected_count == 60
    assert peer.proxy.count(FILES) == 2
    assert state.load("export_watermark") is None


def test_a_sign_in_page_in_place_of_a_file_is_said(peer, state):
    page = Answer(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><p>Sign in")
    peer.proxy.rule(FILES, times=5, answer=page)
    with pytest.raises(SourceUnavailable, match="gives a web page"):
        read_all(peer.source(types="Patient"), state)


def test_a_manifest_that_leads_back_to_itself_is_refused(peer, state):
    def loop(answer):
        if answer.status != 200:
            return answer
        manifest = json.loads(answer.body)
        url = peer.proxy.origin + peer.proxy.seen[-1].path
        manifest["link"] = [{"relation": "next", "url": url}]
        return Answer(200, answer.headers, json.dumps(manifest).encode())

    peer.proxy.rule(STATUS, times=50, change=loop)
    with pytest.raises(SourceUnavailable, match="leads back to a page"):
        read_all(peer.source(types="Patient"), state)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"null", b"{}", b'{"transactionTime": 5}', b'{"output": 7}'],
)
def test_a_manifest_of_another_shape_is_said(peer, state, manifest):
    peer.proxy.rule(STATUS, times=9, answer=Answer(200, {}, manifest))
    with pytest.raises(SourceUnavailable, match="the manifest of the export"):
        read_all(peer.source(types="Patient"), state)


def test_no_message_holds_what_the_server_says_about_a_patient(peer, state):
    secret = "ZZPHI-Jane-Roe"
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "invalid", "diagnostics": secret}],
    }
    body = json.dumps(outcome).encode()
    for place in (EXPORT, STATUS, FILES):
        peer.proxy.reset()
        peer.proxy.rule(place, times=9, answer=Answer(422, {}, body))
        with pytest.raises(LedgerlineError) as told:
            read_all(peer.source(types="Patient"), state)
        assert secret not in str(told.value)
        assert "(connection ehr_fhir)" in str(told.value)
