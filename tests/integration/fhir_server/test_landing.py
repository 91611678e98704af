"""A FHIR server landed in PostgreSQL: whole, again, and killed at every stage."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.fhir_server.connection.origin import UrlRefused
from ledgerline.landing.land import land
from tests.integration.fhir_server.fault_proxy import Answer
from tests.integration.fhir_server.peers import ROOT

pytestmark = pytest.mark.integration
PROCESS = Path(__file__).with_name("landing_process.py")
STATUS, FILES, EXPORT = r"/bulk-status/", r"/bulk-files/", r"\$export"
MANY = 60_000
COPYING = """select count(*) from pg_stat_progress_copy
where relid::regclass::text ~ 'landing_record|raw_ehr.record'"""
"""Rows go straight to the records where none of the type is known."""


@pytest.fixture(autouse=True)
def forgotten(connection):
    """Each test meets the server for the first time, with an empty raw schema."""
    connection.execute("delete from ops.source_state")
    for relation in ("record", "vanishing", "file"):
        connection.execute(f"truncate raw_ehr.{relation} cascade")
    yield
    query = "select * from ops.landing_balance where difference_count <> 0"
    assert connection.execute(query).fetchall() == []


def landed(connection):
    """Type to ids, and how many records there are in all."""
    rows = connection.execute(
        "select resource_type, resource_id from raw_ehr.record"
    ).fetchall()
    ids = {}
    for resource_type, resource_id in rows:
        ids.setdefault(resource_type, set()).add(resource_id)
    return ids, len(rows)


def states(connection):
    return dict(
        connection.execute("select key, value from ops.source_state").fetchall()
    )


def start(dsn, peer, **extra):
    endpoint = json.dumps(asdict(peer.endpoint(files_in_parallel=1, **extra)))
    return subprocess.Popen(
        [sys.executable, str(PROCESS), dsn, endpoint],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        stdout=subprocess.PIPE,
        text=True,
    )


def with_many_encounters(peer):
    """Add a file to every manifest that takes a while to copy."""
    body = b"".join(
        json.dumps(
            {
                "resourceType": "Encounter",
                "id": f"many-{number}",
                "status": "finished",
                "class": {"code": "IMP"},
                "identifier": [{"value": "x" * 400}],
            }
        ).encode()
        + b"\n"
        for number in range(MANY)
    )

    def add(answer):
        if answer.status != 200:
            return answer
        manifest = json.loads(answer.body)
        url = f"{peer.base_url}/bulk-files/many/Encounter.ndjson"
        manifest["output"].append({"type": "Encounter", "url": url, "count": MANY})
        return Answer(200, answer.headers, json.dumps(manifest).encode())

    peer.proxy.rule("/bulk-files/many/", times=-1, answer=Answer(200, {}, body))
    peer.proxy.rule(STATUS, times=-1, change=add)


def test_what_the_server_holds_lands_once_and_a_second_run_lands_nothing(
    peer, held, warehouse_dsn, connection
):
    first = land(warehouse_dsn, peer.source())
    ids, count = landed(connection)
    assert ids == held
    assert count == first.landed == first.received == sum(map(len, held.values()))
    connection.execute("delete from ops.source_state")
    again = land(warehouse_dsn, peer.source())
    assert (again.landed, again.duplicate) == (0, count)
    assert landed(connection) == (held, count)


def test_exports_and_searches_of_one_server_land_the_same_records_once(
    peer, held, warehouse_dsn, connection
):
    types = {"types": "Patient,Encounter"}
    land(warehouse_dsn, peer.source(**types))
    again = land(warehouse_dsn, peer.source(mode="search", page_size=25, **types))
    assert (again.landed, again.duplicate, again.quarantined) == (0, 120, 0)


def test_a_deleted_resource_is_gone_and_its_return_is_seen(
    peer, warehouse_dsn, connection
):
    body = b'{"resourceType":"Patient","id":"p1","meta":{"versionId":"1"}}\n'
    gone = (
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":'
        b'{"method":"DELETE","url":"Patient/p1"}}]}\n'
    )
    files = {"output": body, "deleted": gone}

    def only(kind):
        def change(answer):
            if answer.status != 200:
                return answer
            manifest = json.loads(answer.body)
            url = f"{peer.base_url}/bulk-files/made/{kind}.ndjson"
            manifest["output"], manifest["deleted"] = [], []
            manifest[kind] = [{"type": "Patient", "url": url, "count": 1}]
            return Answer(200, answer.headers, json.dumps(manifest).encode())

        peer.proxy.reset()
        peer.proxy.rule(f"/made/{kind}", times=-1, answer=Answer(200, {}, files[kind]))
        peer.proxy.rule(STATUS, times=-1, change=change)

    only("output")
    land(warehouse_dsn, peer.source(types="Patient"))
    only("deleted")
    report = land(warehouse_dsn, peer.source(types="Patient"))
    assert (report.received, report.quarantined) == (1, 0)
    query = "select count(*) from raw_ehr.vanishing where resource_id = 'p1'"
    assert connection.execute(query).fetchone() == (1,)


def test_a_file_of_another_count_is_refused_whole_and_the_watermark_stays(
    peer, warehouse_dsn, connection
):
    def fewer(answer):
        lines = answer.body.splitlines(keepends=True)
        return Answer(200, answer.headers, b"".join(lines[:-1]))

    peer.proxy.rule(FILES, times=2, change=fewer)
    report = land(warehouse_dsn, peer.source(types="Patient"))
    assert report.landed == 0
    assert report.by_class == {"COUNT_MISMATCH": 1}
    assert "export_watermark" not in states(connection)
    assert land(warehouse_dsn, peer.source(types="Patient")).landed == 60
    query = "select name, status from raw_ehr.file order by file_id"
    assert connection.execute(query).fetchall() == [
        ("export/Patient.001.ndjson", "quarantined"),
        ("export/Patient.001.ndjson", "landed"),
    ]


def test_a_cut_file_keeps_its_whole_records_and_the_batch_is_not_closed(
    peer, warehouse_dsn, connection
):
    def cut(answer):
        return Answer(200, answer.headers, answer.body[:-40])

    def uncounted(answer):
        return Answer(
            answer.status, answer.headers, answer.body.replace(b"count", b"c")
        )

    peer.proxy.rule(STATUS, times=-1, change=uncounted)
    peer.proxy.rule(FILES, times=2, change=cut)
    with pytest.raises(SourceUnavailable):
        land(warehouse_dsn, peer.source(types="Patient"))
    assert landed(connection)[1] == 59
    query = "select status from ops.landing_batch order by batch_id desc limit 1"
    assert connection.execute(query).fetchone() != ("complete",)
    assert land(warehouse_dsn, peer.source(types="Patient")).landed == 1


def test_a_file_on_another_host_is_a_row_for_security(peer, warehouse_dsn, connection):
    def elsewhere(answer):
        if answer.status != 200:
            return answer
        manifest = json.loads(answer.body)
        manifest["output"][1]["url"] = "http://169.254.169.254/latest?key=s3cret"
        return Answer(200, answer.headers, json.dumps(manifest).encode())

    peer.proxy.rule(STATUS, times=-1, change=elsewhere)
    with pytest.raises(UrlRefused):
        land(warehouse_dsn, peer.source(types="Patient,Encounter,Coverage"))
    query = "select class, owner, locator, message from ops.quarantined_record"
    rows = connection.execute(f"{query} where source = 'ehr_fhir'").fetchall()
    refusal, owner, locator, message = rows[-1]
    assert (refusal, owner) == ("SSRF_BLOCKED", "security")
    assert locator == "export/Encounter.001.ndjson"
    assert "s3cret" not in message
    assert landed(connection)[1] == 0


STAGES = {
    "kick-off, its answer lost": (EXPORT, 0, "after"),
    "kicked off, before the first poll": (STATUS, 0, "before"),
    "polling": (STATUS, 2, "before"),
    "the manifest, its answer lost": (STATUS, 3, "after"),
    "the first file": (FILES, 0, "before"),
    "between files": (FILES, 2, "before"),
    "the last file": (FILES, 10, "after"),
    "letting go of the export": (r"/bulk-status/", 0, "delete"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_killed_at_any_stage_is_completed_by_the_next(
    peer, held, warehouse_dsn, connection, stage
):
    path, skip, when = STAGES[stage]
    killed = []

    def kill():
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed.append(stage)

    action = {"after": kill} if when == "after" else {"before": kill}
    method = "DELETE" if when == "delete" else "GET"
    peer.proxy.rule(path, method=method, skip=skip, **action)
    waiting = Answer(202, {"Retry-After": "0"})
    if skip in {2, 3} and path == STATUS:
        peer.proxy.rule(STATUS, times=skip, answer=waiting)
    process = start(warehouse_dsn, peer)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert killed == [stage]
    exports = peer.proxy.count(EXPORT)
    land(warehouse_dsn, peer.source())
    total = sum(map(len, held.values()))
    assert landed(connection) == (held, total)
    assert set(states(connection)) == {"export_watermark"}
    is_kept = stage not in {"kick-off, its answer lost", "letting go of the export"}
    assert peer.proxy.count(EXPORT) == exports + (not is_kept)


def test_a_run_killed_in_copy_is_completed_by_the_next(
    peer, held, warehouse_dsn, connection
):
    with_many_encounters(peer)
    with start(warehouse_dsn, peer) as process:
        deadline = time.monotonic() + 90
        while connection.execute(COPYING).fetchone() == (0,):
            assert process.poll() is None
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
    assert land(warehouse_dsn, peer.source()).quarantined == 0
    ids, count = landed(connection)
    assert count == sum(map(len, held.values())) + MANY
    assert count == sum(map(len, ids.values()))
    assert peer.proxy.count(EXPORT) == 1
