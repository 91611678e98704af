"""Bulk Data exports of a real server: what comes, is kept, is asked."""

import json

import pytest

from ledgerline.connectors.formats.record import Record, Refusal, Tombstone
from tests.integration.fhir_server.fault_proxy import Answer, gzipped
from tests.integration.fhir_server.peers import ids_by_type, read_all

pytestmark = pytest.mark.integration
STATUS, FILES, EXPORT = r"/bulk-status/", r"/bulk-files/", r"\$export"


def with_manifest(change):
    def changed(answer):
        if answer.status != 200:
            return answer
        manifest = json.loads(answer.body)
        change(manifest)
        return Answer(200, answer.headers, json.dumps(manifest).encode())

    return changed


def test_a_system_export_brings_everything_that_the_server_holds(peer, state, held):
    found = read_all(peer.source(), state)
    assert ids_by_type(found) == held
    assert all(isinstance(item, Record) for items in found.values() for item in items)
    assert peer.proxy.count(STATUS, "DELETE") == 1


def test_the_manifest_states_how_many_records_a_file_holds(peer, state):
    source = peer.source(types="Patient")
    [delivery] = source.deliveries(state)
    assert delivery.expected_count == 60


def test_only_the_types_of_the_connection_are_exported(peer, state, held):
    found = read_all(peer.source(types=["Patient", "Encounter"]), state)
    assert ids_by_type(found) == {t: held[t] for t in ("Patient", "Encounter")}


def test_a_patient_export_holds_what_belongs_to_patients(peer, state, held):
    ids = ids_by_type(read_all(peer.source(export="patient"), state))
    assert ids["Patient"] == held["Patient"]
    assert "Organization" not in ids


def test_a_group_export_holds_the_members_of_the_group(peer, state, held):
    members = sorted(held["Patient"])[:3]
    entities = [{"entity": {"reference": f"Patient/{m}"}} for m in members]
    group = {"resourceType": "Group", "id": "g1", "type": "person", "actual": True}
    peer.put({**group, "member": entities})
    try:
        ids = ids_by_type(read_all(peer.source(export="group/g1"), state))
    finally:
        peer.proxy.client.delete(f"{peer.base_url}/Group/g1")
    assert ids["Patient"] == set(members)


def test_the_next_export_asks_from_the_transaction_time_on(peer, state):
    source = peer.source(types="Organization,Patient")
    read_all(source, state)
    since = state.load("export_watermark")["since"]
    peer.put({"resourceType": "Organization", "id": "new1", "name": "New"})
    found = read_all(source, state)
    peer.proxy.client.delete(f"{peer.base_url}/Organization/new1")
    assert ids_by_type(found) == {"Organization": {"new1"}}
    asked = [s.path for s in peer.proxy.seen if "$export" in s.path]
    assert "_since" not in asked[0]
    assert f"_since={since.replace(':', '%3A')}" in asked[1]


def test_another_question_is_asked_from_the_beginning(peer, state):
    read_all(peer.source(types="Organization"), state)
    found = read_all(peer.source(types="Location"), state)
    assert set(ids_by_type(found)) == {"Location"}


def test_the_watermark_moves_only_after_the_last_file_has_landed(peer, state):
    source = peer.source(types="Organization,Location", files_in_parallel=1)
    offered = source.deliveries(state)
    next(offered)
    assert state.load("export_watermark") is None
    next(offered)
    assert state.load("export_watermark") is None
    assert list(offered) == []
    assert state.load("export_watermark")


def test_an_interrupted_run_is_resumed_and_not_kicked_off_again(peer, state, held):
    source = peer.source(files_in_parallel=1)
    offered = source.deliveries(state)
    first, second = next(offered).name, next(offered).name
    offered.close()
    found = read_all(source, state)
    assert peer.proxy.count(EXPORT) == 1
    assert first not in found
    assert second in found
    assert len(found) == len(held) - 1


def test_an_export_under_way_for_another_question_is_cancelled(peer, state):
    offered = peer.source(types="Organization").deliveries(state)
    next(offered)
    offered.close()
    found = read_all(peer.source(types="Location"), state)
    assert set(ids_by_type(found)) == {"Location"}
    assert peer.proxy.count(STATUS, "DELETE") == 2


def test_every_page_of_a_manifest_is_read(peer, state, held):
    second = {}

    def halve(manifest):
        output = manifest["output"]
        second.update(manifest, output=output[1:])
        manifest["output"] = output[:1]
        page = f"{peer.base_url}/manifest-page-2"
        manifest["link"] = [{"relation": "next", "url": page}]

    def page(_answer):
        return Answer(200, {}, json.dumps(second).encode())

    peer.proxy.rule(STATUS, times=50, change=with_manifest(halve))
    peer.proxy.rule("manifest-page-2", times=1, change=page)
    assert ids_by_type(read_all(peer.source(), state)) == held


def test_deleted_resources_become_tombstones_before_any_record(peer, state):
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"request": {"method": "DELETE", "url": "Patient/gone-1"}},
            {"request": {"method": "DELETE", "url": "Encounter/gone-2"}},
        ],
    }
    url = f"{peer.base_url}/bulk-files/x/deleted.ndjson"

    def add(manifest):
        manifest["deleted"] = [{"type": "Bundle", "url": url, "count": 1}]

    peer.proxy.rule(STATUS, times=50, change=with_manifest(add))
    body = json.dumps(bundle).encode() + b"\n"
    peer.proxy.rule("deleted.ndjson", answer=Answer(200, {}, body))
    found = read_all(peer.source(types="Organization"), state)
    gone = next(iter(found.values()))
    assert all(isinstance(item, Tombstone) for item in gone)
    assert [(i.resource_type, i.resource_id) for i in gone] == [
        ("Patient", "gone-1"),
        ("Encounter", "gone-2"),
    ]


@pytest.mark.parametrize(("severity", "moves"), [("warning", True), ("error", False)])
def test_outcomes_land_and_a_grave_one_holds_the_watermark(
    peer, state, severity, moves
):
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": "processing"}],
    }
    url = f"{peer.base_url}/bulk-files/x/errors.ndjson"

    def add(manifest):
        manifest["error"] = [{"type": "OperationOutcome", "url": url, "count": 1}]

    peer.proxy.rule(STATUS, times=50, change=with_manifest(add))
    body = json.dumps(outcome).encode()
    peer.proxy.rule("errors.ndjson", times=2, answer=Answer(200, {}, body))
    found = read_all(peer.source(types="Organization"), state)
    [item] = list(found.values())[-1]
    assert isinstance(item, Record)
    assert item.resource_type == "OperationOutcome"
    assert (state.load("export_watermark") is not None) is moves


def test_gzip_in_transfer_is_undone(peer, state, held):
    peer.proxy.rule(FILES, times=50, change=gzipped)
    assert ids_by_type(read_all(peer.source(), state)) == held


def test_duplicated_lines_are_read_as_often_as_they_come(peer, state):
    def double(answer):
        return Answer(200, answer.headers, answer.body * 2)

    def uncounted(manifest):
        for file in manifest["output"]:
            del file["count"]

    peer.proxy.rule(STATUS, times=50, change=with_manifest(uncounted))
    peer.proxy.rule(FILES, times=1, change=double)
    [items] = read_all(peer.source(types="Patient"), state).values()
    assert len(items) == 120
    assert not any(isinstance(item, Refusal) for item in items)
