"""The sandbox's FHIR server: loaded once, kept, and spoken to as a SMART client."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import httpx
import jwt
import pytest

from sandbox.fhir import loading

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]
ORGANIZATION = {"resourceType": "Organization", "id": "o", "name": "Lakeside"}
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "female",
    "managingOrganization": {"reference": "Organization/o"},
}


class FhirHome:
    """A home with a small extract and the commands that serve it."""

    def __init__(self, home):
        self.home = home
        self.folder = home / "sandbox" / "fhir"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def write(self, *resources):
        extract = self.home / "sandbox" / "ehr"
        extract.mkdir(parents=True, exist_ok=True)
        for path in extract.iterdir():
            path.unlink()
        for resource in resources:
            path = extract / f"{resource['resourceType']}.ndjson"
            with path.open("a") as file:
                file.write(json.dumps(resource) + "\n")

    def run(self, command):
        return subprocess.run(
            [
                *(sys.executable, "-m", "sandbox", command),
                *("--home", str(self.home), "--port", str(self.port)),
                *("--fhir-python", REPOSITORY / ".venv-fhir" / "bin" / "python"),
            ],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "include")},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def up(self):
        done = self.run("fhir-up")
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def pid(self):
        return int((self.folder / "sekmet.pid").read_text())

    def get(self, path, token=""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"http://127.0.0.1:{self.port}{path}"
        return httpx.get(url, headers=headers, timeout=60, trust_env=False)

    def token(self):
        """Authenticate as the connection says: SMART Backend Services."""
        described = json.loads((self.folder / "connection.json").read_text())
        extra = described["extra"]
        config = self.get(f"{extra['path']}/.well-known/smart-configuration").json()
        client, now = extra["client_id"], int(time.time())
        assertion = jwt.encode(
            {
                **{"iss": client, "sub": client, "aud": config["token_endpoint"]},
                **{"exp": now + 240, "jti": uuid.uuid4().hex},
            },
            Path(extra["private_key_path"]).read_text(),
            algorithm="ES384",
        )
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        answer = httpx.post(
            config["token_endpoint"],
            data={
                **{"grant_type": "client_credentials", "scope": "system/*.read"},
                **{"client_assertion_type": kind, "client_assertion": assertion},
            },
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = FhirHome(tmp_path_factory.mktemp("fhir"))
    home.write(ORGANIZATION, PATIENT)
    home.up()
    yield home
    home.run("fhir-down")


def test_the_server_gives_nothing_without_a_token_and_lets_nobody_write(served):
    assert served.get("/fhir/Patient/p").status_code == 401
    token = served.token()
    assert served.get("/fhir/Patient/p", token).json()["gender"] == "female"
    refused = httpx.put(
        f"http://127.0.0.1:{served.port}/fhir/Patient/p",
        json=PATIENT,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert refused.status_code == 403


def test_keys_and_settings_are_private_to_the_owner(served):
    for name in ("client_key.pem", "settings.yaml", "connection.json"):
        assert (served.folder / name).stat().st_mode & 0o077 == 0


def test_a_second_start_keeps_the_server_and_what_it_holds(served):
    before = served.pid
    assert "kept" in served.up()
    assert served.pid == before
    patient = served.get("/fhir/Patient/p", served.token()).json()
    assert patient["meta"]["versionId"] == "1"


def test_a_killed_server_comes_back_with_what_it_held(served):
    stamp = served.get("/fhir/Patient/p", served.token()).json()["meta"]
    os.kill(served.pid, signal.SIGKILL)
    assert "kept" in served.up()
    assert served.get("/fhir/Patient/p", served.token()).json()["meta"] == stamp


def test_another_extract_changes_only_what_differs_and_deletes_what_is_gone(served):
    served.write({**ORGANIZATION, "name": "Lakeside General"})
    assert "2 entries loaded" in served.up()
    token = served.token()
    assert served.get("/fhir/Patient/p", token).status_code == 410
    organization = served.get("/fhir/Organization/o", token).json()
    assert organization["meta"]["versionId"] == "2"


def test_an_invalid_resource_is_refused_and_named(served):
    served.write({**ORGANIZATION, "type": "Hospital"})
    done = served.run("fhir-up")
    assert done.returncode == 1
    assert "Organization.type" in done.stderr
    served.write({**ORGANIZATION, "name": "Lakeside General"})
    assert "kept" in served.up()


def test_a_second_home_starts_from_the_snapshot_of_the_first(served, tmp_path):
    served.write(ORGANIZATION, PATIENT)
    other = FhirHome(tmp_path)
    other.write(ORGANIZATION, PATIENT)
    try:
        assert "restored" in other.up()
        patient = other.get("/fhir/Patient/p", other.token()).json()
        assert patient["meta"]["versionId"] == "1"
        key = (served.folder / "client_key.pem").read_text()
        assert (other.folder / "client_key.pem").read_text() != key
    finally:
        other.run("fhir-down")
    with pytest.raises(httpx.TransportError):
        other.get("/fhir/metadata")


def test_a_load_that_was_cut_off_is_made_again_from_the_start(served):
    (served.folder / "loaded.json").unlink()
    before = served.pid
    assert "kept" not in served.up()
    assert served.pid != before
    patient = served.get("/fhir/Patient/p", served.token()).json()
    assert patient["meta"]["versionId"] == "1"


def test_a_port_of_somebody_else_is_named(served, tmp_path):
    other = FhirHome(tmp_path)
    other.port = served.port
    other.write(ORGANIZATION)
    done = other.run("fhir-up")
    assert done.returncode == 1
    assert f"port {other.port} is taken" in done.stderr


def test_of_several_versions_the_server_is_given_the_newest(tmp_path):
    versions = [{**PATIENT, "meta": {"versionId": str(n)}} for n in (1, 2)]
    lines = "".join(json.dumps(each) + "\n" for each in versions)
    (tmp_path / "Patient.ndjson").write_text(lines)
    wanted = loading.digests(tmp_path)
    [entry] = loading._changes(tmp_path, wanted, {})
    assert json.loads(entry)["resource"]["meta"]["versionId"] == "2"
    assert not list(loading._changes(tmp_path, wanted, wanted))
