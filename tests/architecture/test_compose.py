"""The compose deployment: no default secret, nobody is root, nothing is exposed."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
TEXT = FILE.read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:?[-?][^}]*)?\}")
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|JWT|_CONNECTION$")


def one_shot(service):
    return service["restart"] == "no"


@pytest.fixture(params=SERVICES, ids=str)
def service(request):
    return SERVICES[request.param]


def test_has_every_tier():
    tiers = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
    assert tiers | {"postgres", "redis", "erp"} <= set(SERVICES)


def test_nobody_is_root(service):
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_root_file_system_is_read_only(service):
    assert service["read_only"] is True


def test_ports_are_on_the_loopback_interface(service):
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_a_lasting_service_has_a_health_check(service):
    assert one_shot(service) or service["healthcheck"]["test"]


def test_waits_for_health_or_completion_not_for_a_start(service):
    conditions = {wait["condition"] for wait in service.get("depends_on", {}).values()}
    assert conditions <= {"service_healthy", "service_completed_successfully"}


def test_the_worker_runs_what_the_scheduler_queues():
    for name in ("scheduler", "worker", "api-server"):
        environment = SERVICES[name]["environment"]
        assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
        assert "redis" in environment["AIRFLOW__CELERY__BROKER_URL"]


@pytest.mark.parametrize("name", sorted({found[0] for found in VARIABLE.findall(TEXT)}))
def test_every_variable_is_explained_in_the_example(name):
    assert name in EXAMPLE


def test_the_example_names_no_variable_that_nobody_reads():
    product = "".join(
        path.read_text() for path in (ROOT / "include" / "ledgerline").rglob("*.py")
    )
    read = {found[0] for found in VARIABLE.findall(TEXT)}
    unread = [name for name in EXAMPLE if name not in read and name not in product]
    assert unread == []


def test_every_variable_that_the_product_reads_is_explained():
    product = "".join(
        path.read_text() for path in (ROOT / "include" / "ledgerline").rglob("*.py")
    )
    read = set(re.findall(r'"((?:LEDGERLINE|EMBEDDED)_[A-Z_]+)"', product))
    between_processes = {
        name for name in read if name.startswith("LEDGERLINE_DBT_")
    } | {"LEDGERLINE_PROGRESS_FD"}
    assert read - between_processes <= set(EXAMPLE)


def test_no_secret_has_a_default():
    for name, rest in VARIABLE.findall(TEXT):
        if SECRET.search(name):
            assert rest.startswith(":?"), name
            assert EXAMPLE[name] == "", f"{name} holds a usable secret"


def test_no_password_stands_in_the_file():
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) or "://" in str(value):
                literal = VARIABLE.sub("", str(value))
                assert not re.search(r"//[^@/]*:[^@/]+@", literal), (name, key)
            if SECRET.search(key):
                assert VARIABLE.search(str(value)), (name, key)


def speaks_to_postgres(service):
    values = map(str, service.get("environment", {}).values())
    return any(
        "@postgres:5432" in value or "//postgres:5432" in value for value in values
    )


def test_postgresql_lets_nobody_in_without_tls():
    options = SERVICES["postgres"]["command"]
    assert "-cssl=on" in options
    assert "-chba_file=/etc/postgresql/pg_hba.conf" in options
    rules = [
        line.split()
        for line in (ROOT / "deploy/postgres/pg_hba.conf").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert {rule[0] for rule in rules} == {"local", "hostssl"}
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}


def test_every_client_of_postgresql_knows_whom_it_speaks_to():
    clients = {name for name in SERVICES if speaks_to_postgres(SERVICES[name])}
    assert {"prepare", "worker", "api-server", "mllp", "erp", "erp-prepare"} <= clients
    for name in clients:
        environment = SERVICES[name]["environment"]
        assert environment["PGSSLMODE"] == "verify-full"
        mounted = [volume.split(":")[-2:] for volume in SERVICES[name]["volumes"]]
        assert [environment["PGSSLROOTCERT"], "ro"] in mounted


def test_every_mounted_or_built_file_exists():
    for service in SERVICES.values():
        if build := service.get("build"):
            assert (ROOT / build["dockerfile"]).is_file()
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert (ROOT / volume.split(":", 1)[0]).exists()


@pytest.mark.parametrize("dockerfile", sorted((ROOT / "deploy").rglob("Dockerfile")))
def test_an_image_installs_with_hashes_and_ends_as_a_user(dockerfile):
    lines = dockerfile.read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in {"root", "0"}
    assert "--require-hashes" in dockerfile.read_text()
    for copied in re.findall(r"^COPY (.+) \S+$", dockerfile.read_text(), re.MULTILINE):
        assert all((ROOT / path).exists() for path in copied.split())


def test_matches_the_compose_specification():
    tool = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def compose_command():
    """The compose of this machine: the wheel's binary, or Docker's plugin."""
    wheel = importlib.util.find_spec("compose")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        if (binary := Path(folder) / "docker-compose").exists():
            return [str(binary)]
    if docker := shutil.which("docker"):
        version = [docker, "compose", "version"]
        if subprocess.run(version, capture_output=True, check=False).returncode == 0:
            return [docker, "compose"]
    return None


def config(tmp_path, values):
    example = tmp_path / "env"
    example.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
    return subprocess.run(
        [*compose_command(), "-f", FILE, "--env-file", example, "config", "-q"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )


if compose_command() is not None:

    def test_compose_accepts_the_file_once_everything_is_filled_in(tmp_path):
        filled = {name: value or "/filled" for name, value in EXAMPLE.items()}
        done = config(tmp_path, filled)
        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize("name", [n for n in EXAMPLE if SECRET.search(n)])
    def test_compose_refuses_to_start_without_a_secret(tmp_path, name):
        filled = {name: value or "/filled" for name, value in EXAMPLE.items()}
        done = config(tmp_path, {**filled, name: ""})
        assert done.returncode != 0
        assert name in done.stderr
