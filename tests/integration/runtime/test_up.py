"""The long-running stack: who is let in, and that `down` leaves nobody behind."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import psycopg
import pytest
from hl7.client import MLLPClient

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime import session, stack, up
from ledgerline.runtime.superset import service
from ledgerline.secrets import load_or_create
from ledgerline.settings import Settings
from tests.unit.connectors.formats.hl7v2_text import adt, pv1

pytestmark = pytest.mark.integration

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
print("ready", flush=True)
time.sleep(600)
"""


def free_ports():
    """A base whose seven ports are free."""
    for base in range(16100, 17000, 10):
        with socket.socket() as probe:
            if all(probe.connect_ex(("127.0.0.1", base + n)) for n in range(7)):
                return base
    raise AssertionError


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        port_base=free_ports(),
        sandbox=False,
        reference_dir=None,
    )


@pytest.fixture(scope="module")
def running(settings):
    said = []
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LEDGERLINE_INCREMENTS", "1")
        up.up(settings, said.append)
    yield said
    up.down(settings)
    stack.stop(settings)


def get(settings, path, **options):
    url = f"http://127.0.0.1:{settings.airflow_port}{path}"
    return httpx.get(url, trust_env=False, timeout=30, **options)


def test_prints_the_url_and_the_account(settings, running):
    password = load_or_create(settings.home)["airflow_admin"]
    line = next(line for line in running if line.startswith("Airflow  "))
    assert f"http://127.0.0.1:{settings.airflow_port}" in line
    assert password in line


def test_the_hl7_listener_acknowledges_a_message(settings, running):
    line = next(line for line in running if line.startswith("HL7 v2"))
    assert f"127.0.0.1:{settings.mllp_port}" in line
    message = "MSH|^~\\&|A|B|C|D|20260301||ADT^A08|1|P|2.5.1\rPID|1\r"
    with MLLPClient("127.0.0.1", settings.mllp_port) as sender:
        assert b"MSA|AA|1" in sender.send_message(message)


WOKEN = """
select count(*) from asset_event as event join asset on asset.id = event.asset_id
where asset.name = 'ops.event' and event.source_dag_id is null
"""
STEPS = "select step from ops.expected_step order by step"
REQUESTED = """
select count(*) from dag_run where dag_id = 'build_warehouse'
and run_type not in ('scheduled', 'asset_triggered') having count(*) > 0
"""
BUILT_BEFORE = """
update build.state set
    status = 'done', inputs = '{"code": "-"}', marks = '{"ehr_record": 0}'
"""
PAUSED = "update dag set is_paused = true where dag_id = 'build_warehouse'"


def in_time(connection, query):
    """Return the first column of a query once it has rows."""
    deadline = time.monotonic() + 200
    while not (found := [row[0] for row in connection.execute(query)]):
        assert time.monotonic() < deadline, query
        time.sleep(1)
    return found


def test_a_message_wakes_the_handlers_and_asks_for_a_build(settings, running):
    server = stack.embedded_postgres(settings)
    with psycopg.connect(server.dsn("ledgerline"), autocommit=True) as warehouse:
        warehouse.execute(BUILT_BEFORE)
    with psycopg.connect(server.dsn("airflow"), autocommit=True) as airflow:
        airflow.execute(PAUSED)
    visit = {"sent": "20260317113000", "pv1": pv1()}
    with MLLPClient("127.0.0.1", settings.mllp_port) as sender:
        for trigger, control_id in (("A01", "W1"), ("A03", "W2")):
            message = adt(trigger, control_id, "20260317113000", **visit)
            assert b"MSA|AA" in sender.send_message(message.decode())
    with psycopg.connect(server.dsn("ledgerline"), autocommit=True) as warehouse:
        steps = in_time(warehouse, STEPS)
        assert steps == ["billing_review", "consumption_posting"]
    with psycopg.connect(server.dsn("airflow"), autocommit=True) as airflow:
        assert in_time(airflow, WOKEN)[0] >= 1
        assert in_time(airflow, REQUESTED) == [1]


def test_the_login_page_answers(settings, running):
    assert get(settings, "/auth/login").status_code == httpx.codes.OK


@pytest.mark.parametrize("path", ["/api/v2/dags", "/api/v2/connections", "/ui/config"])
def test_nobody_is_let_in_without_a_password(settings, running, path):
    assert get(settings, path).status_code == httpx.codes.UNAUTHORIZED


def test_the_generated_password_lets_the_administrator_in(settings, running):
    password = load_or_create(settings.home)["airflow_admin"]
    url = f"http://127.0.0.1:{settings.airflow_port}/auth/token"
    account = {"username": "admin", "password": password}
    token = httpx.post(url, json=account, trust_env=False, timeout=30).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    dags = get(settings, "/api/v2/dags", headers=bearer)
    assert dags.status_code == httpx.codes.OK


needs_superset = pytest.mark.skipif(
    not service.is_installed(), reason="Superset is not installed (.venv-bi)"
)


@needs_superset
def test_prints_the_dashboards_and_an_account_for_each_kind_of_reader(
    settings, running
):
    lines = [line for line in running if line.startswith("Dashboards ")]
    for name, password in service.passwords(settings).items():
        assert (
            f"Dashboards {service.base_url(settings)}  "
            f"user {name}, password {password}" in lines
        )


@needs_superset
def test_the_dashboards_ask_for_a_password_and_let_the_browser_out_to_nobody(
    settings, running
):
    url = service.base_url(settings)
    login = httpx.get(f"{url}/login/", trust_env=False, timeout=30)
    assert login.status_code == httpx.codes.OK
    assert "connect-src 'self';" in login.headers["Content-Security-Policy"]
    page = httpx.get(f"{url}/api/v1/dashboard/", trust_env=False, timeout=30)
    assert page.status_code == httpx.codes.UNAUTHORIZED or not page.json()["count"]


def test_without_superset_the_rest_starts_and_it_is_said_how_to_get_it(
    settings, monkeypatch
):
    monkeypatch.setattr(service, "PYTHON", settings.home / "nowhere")
    assert up._dashboard_accounts(settings, {}) == [
        "Dashboards are not installed; `make up` installs Superset into .venv-bi"
    ]


def test_a_second_up_starts_nothing_twice(settings, running):
    before = [process.leader() for process in up.processes(settings)]
    for process in up.processes(settings):
        process.start(os.environ)
    assert [process.leader() for process in up.processes(settings)] == before


def test_down_leaves_no_process_and_frees_the_port(settings, running):
    leaders = [process.leader() for process in up.processes(settings)]
    assert all(leaders)
    up.down(settings)
    known = (*up.processes(settings), service.process(settings))
    assert not any(process.is_running() for process in known)
    assert not session.members(leaders)
    for port in (settings.airflow_port, settings.superset_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_one_sentence(settings, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        base = other.getsockname()[1] - 3
        taken = dataclasses.replace(settings, home=tmp_path, port_base=base)
        with pytest.raises(ConfigurationInvalid, match="taken by another program"):
            up.up(taken, print)


def test_a_process_that_ignores_term_is_killed_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "STOP_SECONDS", 0.5)
    stubborn = session.Process(
        name="stubborn", arguments=(), pid_file=tmp_path / "pid", log=tmp_path / "log"
    )
    launch = subprocess.Popen

    def start_stubborn(command, **options):
        assert command[0] == sys.executable
        return launch([sys.executable, "-c", STUBBORN], **options)

    monkeypatch.setattr(session.subprocess, "Popen", start_stubborn)
    stubborn.start(os.environ)
    leader = stubborn.leader()
    deadline = time.monotonic() + 30
    while stubborn.log.read_text().count("ready") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(session.members([leader])) == 2
    session.end([stubborn])
    assert session.members([leader]) == []
    assert not stubborn.is_running()
    assert os.waitpid(leader, 0)[1] == signal.SIGKILL


def test_what_a_killed_process_left_behind_does_not_keep_it_from_starting(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(session, "STOP_SECONDS", 0.5)
    program = session.Process(
        name="stubborn", arguments=(), pid_file=tmp_path / "pid", log=tmp_path / "log"
    )
    launch = subprocess.Popen
    monkeypatch.setattr(
        session.subprocess,
        "Popen",
        lambda command, **options: launch([sys.executable, "-c", STUBBORN], **options),
    )

    def start_and_see():
        before = program.log.read_text().count("ready") if program.log.exists() else 0
        program.start(os.environ)
        deadline = time.monotonic() + 30
        while program.log.read_text().count("ready") < before + 2:
            assert time.monotonic() < deadline, "it does not start"
            time.sleep(0.05)
        return program.leader()

    first = start_and_see()
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    assert program.is_running()
    second = start_and_see()
    assert second != first
    assert not session.members([first])
    assert len(session.members([second])) == 2
    program.start(os.environ)
    assert program.leader() == second
    session.end([program])
    os.waitpid(second, 0)
