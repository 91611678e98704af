"""A run that cannot go on ends in one sentence, and leaves nothing half-written."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.long]

CLOSED_PORT = 9


def folder(path):
    return json.dumps({"conn_type": "fs", "extra": {"path": str(path)}})


def erp(port):
    return json.dumps(
        {
            "conn_type": "http",
            "host": "127.0.0.1",
            "port": port,
            "password": "key",
            "extra": {"database": "erp", "company": "Hospital"},
        }
    )


@pytest.fixture(scope="module")
def own_sources(new_hospital):
    """A home that uses no sandbox; its one source is given test by test."""
    return new_hospital("own_sources", LEDGERLINE_SANDBOX="0")


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """A folder with 300 finished encounters of 300 patients, a tenth of them stays."""
    root = tmp_path_factory.mktemp("extract")
    patients = [
        {"resourceType": "Patient", "id": f"p{number}", "gender": "female"}
        for number in range(300)
    ]
    encounters = [
        {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "status": "finished",
            "class": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "AMB" if number % 10 else "IMP",
            },
            "subject": {"reference": f"Patient/p{number}"},
            "period": {
                "start": "2026-02-01T10:00:00Z",
                "end": "2026-02-01T11:00:00Z",
            },
        }
        for number in range(300)
    ]
    for name, resources in (("Patient", patients), ("Encounter", encounters)):
        lines = "".join(json.dumps(resource) + "\n" for resource in resources)
        (root / f"{name}.ndjson").write_text(lines)
    return root


def refusal(done):
    """The last line printed by a run that had to fail."""
    assert done.returncode == 1, done.stdout[-3000:]
    assert "Traceback" not in done.stdout
    return done.stdout.strip().splitlines()[-1]


def said_of(done):
    """What a run that had to fail says of each extract that failed, by its DAG."""
    last = refusal(done)
    assert last.startswith("CHAIN_FAILED: extract_")
    others = [
        line.removeprefix("failed as well: ")
        for line in done.stdout.splitlines()
        if line.startswith("failed as well: ")
    ]
    told = [last.removeprefix("CHAIN_FAILED: "), *others]
    by_dag = {sentence.partition(".")[0]: sentence for sentence in told}
    assert len(by_dag) == len(told), told
    return by_dag


def assert_nothing_half_written(hospital):
    assert hospital.value("select count(*) from raw_ehr.record") == 0
    assert hospital.value("select count(*) from post.entry") == 0


class Refusing(BaseHTTPRequestHandler):
    """An ERP that knows no key."""

    asked = 0

    def do_GET(self):
        type(self).asked += 1
        self.send_error(401)

    def log_message(self, *_):
        pass


def test_a_missing_folder_and_an_absent_erp_are_one_sentence_each(own_sources):
    own_sources.extra["AIRFLOW_CONN_EHR_FHIR"] = folder("/nowhere/ehr")
    own_sources.extra["AIRFLOW_CONN_ERP"] = erp(CLOSED_PORT)
    said = said_of(own_sources.run())
    assert said.keys() == {"extract_ehr", "extract_erp"}
    assert "/nowhere/ehr" in said["extract_ehr"]
    assert "does not answer" in said["extract_erp"]
    assert_nothing_half_written(own_sources)


def test_an_empty_folder_and_a_refused_key_are_one_sentence_each(own_sources, tmp_path):
    own_sources.extra["AIRFLOW_CONN_EHR_FHIR"] = folder(tmp_path)
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own_sources.extra["AIRFLOW_CONN_ERP"] = erp(server.server_port)
        said = said_of(own_sources.run())
        server.shutdown()
    assert said.keys() == {"extract_ehr", "extract_erp"}
    assert f"the folder {tmp_path} of connection ehr_fhir" in said["extract_ehr"]
    assert "has no files" in said["extract_ehr"]
    assert "connection erp" in said["extract_erp"]
    key = "put the integration user's REST key into the connection's password"
    assert key in said["extract_erp"]
    assert Refusing.asked == 1
    assert_nothing_half_written(own_sources)


@pytest.fixture(scope="module")
def on_a_small_disk(new_hospital, tmp_path_factory, extract):
    """A home without a sandbox, on a disk of its own where we may mount one.

    Its ERP takes documents as files.
    """
    disk = Path(tempfile.mkdtemp(prefix="ledgerline-disk-"))
    disk.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=3g,mode=755", "tmpfs", str(disk)]
    is_mounted = (
        os.geteuid() == 0
        and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    )
    hospital = new_hospital("small_disk", LEDGERLINE_SANDBOX="0")
    hospital.home = disk / "home"
    hospital.extra["AIRFLOW_CONN_EHR_FHIR"] = folder(extract)
    hospital.extra["AIRFLOW_CONN_ERP"] = folder(tmp_path_factory.mktemp("import_jobs"))
    hospital.prime()
    yield hospital, is_mounted
    hospital.ledgerline("down")
    if is_mounted:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    shutil.rmtree(disk)


def harmed(hospital, sql, harm):
    """Start a run, do harm once `sql` returns true, and return its last line."""
    running, _ = hospital.run_until(sql, seconds=600)
    harm()
    output, _ = running.communicate(timeout=600)
    assert running.returncode == 1, output[-3000:]
    assert "Traceback" not in output
    return output.strip().splitlines()[-1]


def test_a_stopped_postgres_is_one_sentence(on_a_small_disk):
    hospital, _ = on_a_small_disk
    landed = "select count(*) = 600 from raw_ehr.record"
    said = harmed(
        hospital, landed, lambda: os.kill(postmaster(hospital), signal.SIGQUIT)
    )
    assert "database" in said


def test_a_full_disk_is_one_sentence(on_a_small_disk):
    hospital, is_mounted = on_a_small_disk
    if not is_mounted:
        pytest.skip("only root may mount a small disk")
    filler = hospital.home / "filler"

    def fill():
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1024**2))

    building = "select count(*) > 9 from pg_tables where schemaname = 'intermediate'"
    said = harmed(hospital, building, fill)
    filler.unlink()
    assert said.startswith("DISK_FULL: the disk of")


def test_the_run_after_them_completes(on_a_small_disk):
    hospital, _ = on_a_small_disk
    done = hospital.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert hospital.value("select count(*) from raw_ehr.record") == 600
    seen = "select count(*) from conformed.fct_encounter"
    assert hospital.value(seen) == 300
    unfinished = "select count(*) from ops.landing_batch where status = 'running'"
    assert hospital.value(unfinished) == 0


def postmaster(hospital):
    """The process that listens on the home's port."""
    elsewhere = hospital.home / "pg.location"
    root = Path(elsewhere.read_text()) if elsewhere.exists() else hospital.home / "pg"
    pid = int((root / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    assert "postgres" in psutil.Process(pid).name()
    return pid
