"""A run that cannot go on ends in one sentence, and leaves nothing half-written."""

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.e2e

CLOSED_PORT = 9


def folder(path):
    return json.dumps({"conn_type": "fs", "extra": {"path": str(path)}})


@pytest.fixture(scope="module")
def own_sources(new_hospital):
    """A home that uses no sandbox; its one source is given test by test."""
    return new_hospital("own_sources", LEDGERLINE_SANDBOX="0")


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """A folder with 300 finished encounters of 300 patients."""
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
                "code": "AMB",
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


@pytest.mark.parametrize(
    ("connections", "sentence"),
    [
        ({"EHR_FHIR": folder("/nowhere/ehr")}, "/nowhere/ehr"),
        (
            {
                "ERP": json.dumps(
                    {
                        "conn_type": "http",
                        "host": "127.0.0.1",
                        "port": CLOSED_PORT,
                        "password": "key",
                        "extra": {"database": "erp", "company": 1},
                    }
                )
            },
            "does not answer",
        ),
    ],
    ids=["a missing folder", "an ERP that is not there"],
)
def test_is_one_sentence_for(own_sources, connections, sentence):
    own_sources.extra.update(
        {f"AIRFLOW_CONN_{name}": value for name, value in connections.items()}
    )
    said = refusal(own_sources.run())
    for name in connections:
        del own_sources.extra[f"AIRFLOW_CONN_{name}"]
    assert sentence in said
    assert said.startswith("CHAIN_FAILED: extract_")
    assert own_sources.value("select count(*) from raw_ehr.record") == 0
    assert own_sources.value("select count(*) from post.entry") == 0


class Refusing(BaseHTTPRequestHandler):
    """An ERP that knows no key."""

    asked = 0

    def do_GET(self):
        type(self).asked += 1
        self.send_error(401)

    def log_message(self, *_):
        pass


def test_is_one_sentence_for_a_key_that_the_erp_refuses(own_sources):
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own_sources.extra["AIRFLOW_CONN_ERP"] = json.dumps(
            {
                "conn_type": "http",
                "host": "127.0.0.1",
                "port": server.server_port,
                "password": "wrong",
                "extra": {"database": "erp", "company": "Hospital"},
            }
        )
        said = refusal(own_sources.run())
        del own_sources.extra["AIRFLOW_CONN_ERP"]
        server.shutdown()
    assert said.startswith("CHAIN_FAILED: extract_erp")
    assert "connection erp" in said
    assert "put the integration user's REST key into the connection's password" in said
    assert Refusing.asked == 1


def test_is_one_sentence_for_an_empty_folder(own_sources, tmp_path):
    own_sources.extra["AIRFLOW_CONN_EHR_FHIR"] = folder(tmp_path)
    said = refusal(own_sources.run())
    assert str(tmp_path) in said
    assert "has no files" in said


def test_a_stopped_postgres_is_one_sentence_and_the_next_run_completes(
    new_hospital, extract
):
    own_sources = new_hospital("stopped_postgres", LEDGERLINE_SANDBOX="0")
    own_sources.extra["AIRFLOW_CONN_EHR_FHIR"] = folder(extract)
    running = own_sources.start("run")
    landed = "select count(*) = 600 from raw_ehr.record"
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and not own_sources.is_true(landed):
        time.sleep(0.1)
    os.kill(postmaster(own_sources), signal.SIGQUIT)
    output, _ = running.communicate(timeout=600)
    assert running.returncode == 1, output[-3000:]
    assert "Traceback" not in output
    assert "database" in output.strip().splitlines()[-1]

    done = own_sources.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert own_sources.value("select count(*) from raw_ehr.record") == 600
    seen = "select count(*) from conformed.fct_encounter"
    assert own_sources.value(seen) == 300
    unfinished = "select count(*) from ops.landing_batch where status = 'running'"
    assert own_sources.value(unfinished) == 0


def postmaster(hospital):
    """The process that listens on the home's port."""
    elsewhere = hospital.home / "pg.location"
    root = Path(elsewhere.read_text()) if elsewhere.exists() else hospital.home / "pg"
    pid = int((root / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    assert "postgres" in psutil.Process(pid).name()
    return pid
