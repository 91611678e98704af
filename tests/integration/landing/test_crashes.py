"""Landing in several processes: killed at any point, or all at once."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.landing.land import land_billing, land_ehr

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
PROCESS = Path(__file__).with_name("landing_process.py")
ENCOUNTER = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"code": "IMP"},
}


def endpoint(folder):
    return Endpoint(conn_id="folder", conn_type="fs", extra={"path": str(folder)})


def write_encounters(path, prefix, count):
    with path.open("wb") as stream:
        for number in range(count):
            filler = [{"value": f"{number:0400}"}]
            body = ENCOUNTER | {"id": f"{prefix}{number}", "identifier": filler}
            stream.write(json.dumps(body).encode() + b"\n")


def start(dsn, source, folder):
    return subprocess.Popen(
        [sys.executable, str(PROCESS), dsn, source, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        stdout=subprocess.PIPE,
        text=True,
    )


def one(dsn, query):
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query).fetchone()


def wait_for(dsn, query, process):
    deadline = time.monotonic() + 60
    while one(dsn, query)[0] == 0 and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def balances(dsn):
    return one(
        dsn,
        "select coalesce(sum(abs(difference_count)), 0), "
        "count(*) filter (where status = 'running') from ops.landing_balance",
    ) == (0, 0)


COPYING = """select count(*) from pg_stat_progress_copy
where relid = 'raw_ehr.record'::regclass"""
STAGING = """select count(*) from pg_stat_progress_copy
where relid::regclass::text like '%landing_record%'"""
MERGING = """select count(*) from pg_stat_activity
where query like '%insert into "raw_ehr".record%' and state = 'active'
and pid <> pg_backend_pid()"""
STORED = "select count(*) from raw_ehr.file where status = 'received'"


@pytest.mark.parametrize(
    ("moment", "overlap"),
    [(STORED, 0), (COPYING, 0), (STAGING, 200), (MERGING, 200)],
    ids=["bytes", "copy", "staging", "merge"],
)
def test_a_killed_landing_is_completed_by_the_next(
    tmp_path, warehouse_dsn, moment, overlap
):
    prefix = f"killed{len(moment)}-"
    write_encounters(tmp_path / "1.ndjson", f"{prefix}{'ab'[bool(overlap)]}", 200)
    write_encounters(tmp_path / "2.ndjson", f"{prefix}b", 60_000)
    write_encounters(tmp_path / "3.ndjson", f"{prefix}c", 200)
    process = start(warehouse_dsn, "ehr", tmp_path)
    wait_for(warehouse_dsn, moment, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert report.received == report.landed + report.duplicate == 60_400
    assert report.quarantined == 0
    landed = one(
        warehouse_dsn,
        "select count(*), count(distinct resource_id) from raw_ehr.record "
        f"where resource_id like '{prefix}%'",
    )
    assert landed == (60_400 - overlap, 60_400 - overlap)
    assert one(warehouse_dsn, STORED) == (0,)
    assert balances(warehouse_dsn)


def test_a_file_that_left_the_folder_after_a_kill_is_landed_from_its_bytes(
    tmp_path, warehouse_dsn
):
    path = tmp_path / "gone.ndjson"
    write_encounters(path, "gone", 15_000)
    process = start(warehouse_dsn, "ehr", tmp_path)
    wait_for(warehouse_dsn, STORED, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    path.unlink()
    write_encounters(tmp_path / "next.ndjson", "next", 1)
    land_ehr(warehouse_dsn, endpoint(tmp_path))
    query = "select count(*) from raw_ehr.record where resource_id like 'gone%'"
    assert one(warehouse_dsn, query) == (15_000,)


def test_a_server_connection_that_is_cut_is_said_and_made_good(tmp_path, warehouse_dsn):
    write_encounters(tmp_path / "cut.ndjson", "cut", 15_000)
    process = start(warehouse_dsn, "ehr", tmp_path)
    wait_for(warehouse_dsn, STORED, process)
    one(
        warehouse_dsn,
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where application_name = 'ledgerline' and datname = current_database()",
    )
    process.communicate()
    assert process.returncode != 0
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert report.received == report.landed == 15_000
    assert balances(warehouse_dsn)


def test_eight_landings_of_one_folder_at_once_land_it_once(tmp_path, warehouse_dsn):
    text = (
        ROOT / "tests/messages/remittance_balanced_with_provider_adjustment.835"
    ).read_text()
    for number in range(20):
        control = f"{300000000 + number}"
        (tmp_path / f"{number}.835").write_text(text.replace("000000701", control))
    processes = [start(warehouse_dsn, "billing", tmp_path) for _ in range(8)]
    outcomes = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * 8
    assert sorted(int(outcome[1]) for outcome in outcomes) == [0] * 7 + [60]
    assert {int(outcome[0]) for outcome in outcomes} == {60}
    assert one(warehouse_dsn, "select count(*) from raw_billing.record") == (60,)
    assert balances(warehouse_dsn)
    again = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert (again.landed, again.duplicate) == (0, 60)


def test_a_file_that_grows_while_it_is_read_is_not_taken(
    tmp_path, warehouse_dsn, monkeypatch
):
    from ledgerline.landing import land as module

    path = tmp_path / "growing.ndjson"
    write_encounters(path, "growing", 10)
    keep = module.KeptBytes

    def keep_then_grow(chunks):
        kept = keep(chunks)
        with path.open("ab") as more:
            more.write(b'{"resourceType":"Encounter"')
        return kept

    monkeypatch.setattr(module, "KeptBytes", keep_then_grow)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert report.by_class == {"FILE_INCOMPLETE": 1}
    query = "select count(*) from raw_ehr.record where resource_id like 'growing%'"
    assert one(warehouse_dsn, query) == (0,)
    monkeypatch.undo()
    write_encounters(path, "growing", 12)
    assert land_ehr(warehouse_dsn, endpoint(tmp_path)).landed == 12


def test_an_unknown_error_marks_the_batch_failed(tmp_path, warehouse_dsn, monkeypatch):
    from ledgerline.landing import content

    write_encounters(tmp_path / "a.ndjson", "failed", 1)

    def fail(*_args, **_options):
        raise SourceUnavailable("gone")

    monkeypatch.setattr(content.repository, "finish_file", fail)
    with pytest.raises(SourceUnavailable):
        land_ehr(warehouse_dsn, endpoint(tmp_path))
    last = "select status from ops.landing_batch order by batch_id desc limit 1"
    assert one(warehouse_dsn, last) == ("failed",)
    monkeypatch.undo()
    assert land_ehr(warehouse_dsn, endpoint(tmp_path)).landed == 1
