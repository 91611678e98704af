"""REST search of a real server where it has no `$export`."""

import json
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ledgerline.canonical.errors import ConfigurationInvalid, SourceUnavailable
from ledgerline.connectors.fhir_server.connection.origin import UrlRefused
from ledgerline.connectors.formats.record import Record
from tests.integration.fhir_server.fault_proxy import Answer
from tests.integration.fhir_server.peers import ids_by_type, read_all

pytestmark = pytest.mark.integration
EXPORT, PATIENTS = r"\$export", r"/fhir/Patient\?"
TYPES = "Patient,Encounter,Organization"


def search(peer, **extra):
    return peer.source(**{"mode": "search", "types": TYPES, **extra})


def asked(peer, path):
    return [
        parse_qs(urlsplit(seen.path).query)
        for seen in peer.proxy.seen
        if urlsplit(seen.path).path == path
    ]


def test_every_page_of_every_type_is_read(peer, state, held):
    found = read_all(search(peer, page_size=25), state)
    assert ids_by_type(found) == {t: held[t] for t in TYPES.split(",")}
    assert peer.proxy.count(PATIENTS) == 3
    assert all(isinstance(item, Record) for items in found.values() for item in items)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_export_is_searched(peer, state, held, status):
    peer.proxy.fail(EXPORT, status, times=9)
    found = read_all(peer.source(types=TYPES), state)
    assert ids_by_type(found) == {t: held[t] for t in TYPES.split(",")}


def test_a_connection_that_demands_exports_is_not_searched(peer, state):
    peer.proxy.fail(EXPORT, 501, times=9)
    with pytest.raises(ConfigurationInvalid, match=r"has no \$export"):
        read_all(peer.source(types=TYPES, mode="bulk"), state)


def test_a_group_that_is_unknown_is_not_searched_for_everything(peer, state):
    with pytest.raises(ConfigurationInvalid, match="no export of group/none"):
        read_all(peer.source(types=TYPES, export="group/none"), state)
    assert peer.proxy.count(PATIENTS) == 0


def test_without_types_the_capability_statement_names_them(peer, state, held):
    found = ids_by_type(read_all(peer.source(mode="search"), state))
    assert {t: found[t] for t in TYPES.split(",")} == {
        t: held[t] for t in TYPES.split(",")
    }


def test_the_next_run_searches_from_a_day_before_the_last(peer, state):
    source = search(peer, types="Patient")
    read_all(source, state)
    read_all(source, state)
    first, second = asked(peer, "/fhir/Patient")
    until = datetime.fromisoformat(first["_lastUpdated"][0].removeprefix("lt"))
    since, _ = sorted(second["_lastUpdated"])
    assert since.startswith("ge")
    assert datetime.fromisoformat(since[2:]) == until - timedelta(hours=24)


def test_the_overlap_can_be_set(peer, state):
    source = search(peer, types="Patient", since_overlap_hours=2)
    read_all(source, state)
    read_all(source, state)
    first, second = asked(peer, "/fhir/Patient")
    until = datetime.fromisoformat(first["_lastUpdated"][0].removeprefix("lt"))
    since = sorted(second["_lastUpdated"])[0]
    assert datetime.fromisoformat(since[2:]) == until - timedelta(hours=2)


def test_the_watermark_of_a_type_moves_after_its_last_page_has_landed(peer, state):
    offered = search(peer, types="Patient", page_size=30).deliveries(state)
    next(offered)
    next(offered)
    assert state.load("search_watermark") is None
    assert list(offered) == []
    assert set(state.load("search_watermark")) == {"Patient"}


def test_included_resources_come_with_the_page(peer, state, held):
    include = ["Encounter:subject"]
    found = read_all(search(peer, types="Encounter", include=include), state)
    ids = ids_by_type(found)
    assert ids["Encounter"] == held["Encounter"]
    assert ids["Patient"] <= held["Patient"]
    assert ids["Patient"]


def test_next_links_in_a_circle_are_refused(peer, state):
    def loop(answer):
        page = json.loads(answer.body)
        url = peer.proxy.origin + peer.proxy.seen[-1].path
        page["link"] = [{"relation": "next", "url": url}]
        return Answer(200, answer.headers, json.dumps(page).encode())

    peer.proxy.rule(PATIENTS, times=50, change=loop)
    with pytest.raises(SourceUnavailable, match="back to a page it already gave"):
        read_all(search(peer, types="Patient"), state)
    assert peer.proxy.count(PATIENTS) == 1
    assert state.load("search_watermark") is None


def test_a_next_link_to_another_host_is_refused(peer, state):
    def elsewhere(answer):
        page = json.loads(answer.body)
        page["link"] = [{"relation": "next", "url": "http://evil.example/fhir?page=2"}]
        return Answer(200, answer.headers, json.dumps(page).encode())

    peer.proxy.rule(PATIENTS, times=50, change=elsewhere)
    with pytest.raises(UrlRefused, match=r"http://evil.example,"):
        read_all(search(peer, types="Patient"), state)


def test_pages_that_moved_while_they_were_read_are_read_again(peer, state, held):
    """The first page loses an entry: as if a change had pushed one page on."""

    def lose(answer):
        page = json.loads(answer.body)
        page["entry"] = page["entry"][1:]
        return Answer(200, answer.headers, json.dumps(page).encode())

    peer.proxy.rule(PATIENTS, times=1, change=lose)
    found = read_all(search(peer, types="Patient", page_size=25), state)
    assert ids_by_type(found) == {"Patient": held["Patient"]}
    assert peer.proxy.count(PATIENTS) == 6


def test_a_server_that_promises_too_much_keeps_the_watermark_where_it_is(
    peer, state, held
):
    def promise(answer):
        page = json.loads(answer.body)
        page["total"] += 1
        return Answer(200, answer.headers, json.dumps(page).encode())

    peer.proxy.rule(PATIENTS, times=-1, change=promise)
    found = read_all(search(peer, types="Patient"), state)
    assert ids_by_type(found) == {"Patient": held["Patient"]}
    assert peer.proxy.count(PATIENTS) == 2
    assert state.load("search_watermark") is None


def test_an_unsupported_type_is_no_missing_export(peer, state):
    outcome = {"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}]}
    refusal = Answer(400, {}, json.dumps(outcome).encode())
    peer.proxy.rule(EXPORT, times=-1, answer=refusal)
    with pytest.raises(ConfigurationInvalid, match="does not start an export"):
        read_all(peer.source(types=TYPES), state)
    bare = {"resourceType": "CapabilityStatement", "rest": []}
    statement = Answer(200, {}, json.dumps(bare).encode())
    peer.proxy.rule("/metadata", times=-1, answer=statement)
    assert read_all(peer.source(types=TYPES), state)


def test_an_outcome_in_a_page_lands_as_a_record(peer, state):
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "warning", "code": "not-supported"}],
    }

    def add(answer):
        page = json.loads(answer.body)
        page["entry"].append({"resource": outcome, "search": {"mode": "outcome"}})
        return Answer(200, answer.headers, json.dumps(page).encode())

    peer.proxy.rule(PATIENTS, times=1, change=add)
    found = read_all(search(peer, types="Patient"), state)
    items = [item for read in found.values() for item in read]
    assert all(isinstance(item, Record) for item in items)
    assert {item.resource_type for item in items} == {"Patient", "OperationOutcome"}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"resourceType":"Patient"}', b"<html>"])
def test_a_page_that_is_no_bundle_is_said(peer, state, body):
    peer.proxy.rule(PATIENTS, times=9, answer=Answer(200, {}, body))
    with pytest.raises(SourceUnavailable, match="with a Bundle"):
        read_all(search(peer, types="Patient"), state)


@pytest.mark.parametrize("entry", [7, [7], ["x"], [{"search": 5}], [{"resource": 7}]])
def test_a_bundle_of_another_shape_is_said(peer, state, entry):
    body = json.dumps({"resourceType": "Bundle", "entry": entry}).encode()
    peer.proxy.rule(PATIENTS, times=9, answer=Answer(200, {}, body))
    with pytest.raises(SourceUnavailable, match="another shape"):
        read_all(search(peer, types="Patient"), state)
