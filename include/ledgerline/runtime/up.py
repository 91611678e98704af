"""`make up`: Airflow's four processes, the HL7 listener and Superset, and their end."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from ledgerline.canonical.errors import ConfigurationInvalid, Fatal
from ledgerline.crosswalk.load import load_reference
from ledgerline.operations.lines.access import directors
from ledgerline.runtime import environment, stack
from ledgerline.runtime.processes import last_line
from ledgerline.runtime.session import Process, end
from ledgerline.runtime.superset import service
from ledgerline.runtime.superset.dashboards import import_dashboards
from ledgerline.secrets import load_or_create
from ledgerline.settings import Settings

ADMIN = "admin"
# Airflow's accounts and their roles: one looks, one asks, two approve.
AIRFLOW_ROLES = {
    ADMIN: "admin",
    "approver": "admin",
    "operator": "op",
    "viewer": "viewer",
}
EXECUTOR = "ledgerline.orchestration.resuming_executor.ResumingExecutor"
START_SECONDS = 300.0
STOP_SECONDS = 20.0
HEALTH_COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


class StackFailed(Fatal):
    """A process of the long-running stack does not come up."""

    code = "STACK_FAILED"


def processes(settings: Settings) -> tuple[Process, ...]:
    """Describe the five processes of this home that need Airflow's environment."""
    port = str(settings.airflow_port)
    commands = {
        "api-server": ("airflow", "api-server", "--host", "127.0.0.1", "--port", port),
        "scheduler": ("airflow", "scheduler", "--skip-serve-logs"),
        "dag-processor": ("airflow", "dag-processor"),
        "triggerer": ("airflow", "triggerer", "--skip-serve-logs"),
        "mllp": ("ledgerline.cli", "listen"),
    }
    return tuple(
        Process(
            name=name,
            arguments=arguments,
            pid_file=settings.home / "run" / f"{name}.pid",
            log=settings.logs / f"{_log_name(*arguments[:2])}.log",
        )
        for name, arguments in commands.items()
    )


def _log_name(module: str, command: str) -> str:
    return f"{module.removesuffix('.cli')}_{command}".replace("-", "_")


def up(settings: Settings, say: Callable[[str], None]) -> None:
    """Start the stack, wait until it is healthy, print URLs and accounts."""
    known = processes(settings)
    if not known[0].is_running():
        _refuse_taken_port(settings.airflow_port)
    with_dashboards = service.is_installed()
    if with_dashboards and not service.process(settings).is_running():
        _refuse_taken_port(settings.superset_port)
    env = airflow_environment(settings, prepare(settings, say))
    say("Airflow: api-server, scheduler, dag-processor, triggerer; the HL7 listener")
    for process in known:
        process.start(env)
    try:
        if with_dashboards:
            say("dashboards: Superset")
            warehouse = stack.warehouse_dsn(env[environment.WAREHOUSE])
            service.open_logins(settings, warehouse, directors(warehouse))
            service.start(settings, directors(warehouse))
            import_dashboards(settings, warehouse)
        _wait_until_healthy(settings, known)
    except (StackFailed, service.DashboardsFailed):
        down(settings)
        raise
    for line in _accounts(settings, env):
        say(line)


def prepare(settings: Settings, say: Callable[[str], None]) -> dict[str, str]:
    """Prepare the stack and load the reference tables; return the environment."""
    env = stack.prepare(settings, say)
    if settings.reference_dir is not None:
        dsn = stack.warehouse_dsn(env[environment.WAREHOUSE])
        rows = load_reference(dsn, settings.reference_dir)
        say(f"reference data: {rows} rows from {settings.reference_dir}")
    return env


def down(settings: Settings) -> None:
    """Stop every process that `up` left running: TERM, then KILL; wait for the end."""
    end((*processes(settings), service.process(settings)))


@contextmanager
def without_scheduler(settings: Settings, env: Mapping[str, str]) -> Iterator[None]:
    """Stop the scheduler of a running stack for a while: one scheduler at a time."""
    scheduler = next(p for p in processes(settings) if p.name == "scheduler")
    was_running = scheduler.is_running()
    end([scheduler])
    try:
        yield
    finally:
        if was_running:
            scheduler.start(airflow_environment(settings, env))


def airflow_environment(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the long-running processes.

    The API server gives out the execution API, and tasks run under EXECUTOR. Users
    come from a file with their generated passwords; nobody is let in without one.
    """
    secrets = load_or_create(settings.home)
    passwords = settings.home / "airflow" / "passwords.json"
    _write_private(passwords, json.dumps(_airflow_passwords(secrets)))
    base = _base_url(settings)
    return {
        **env,
        "LEDGERLINE_HOME": str(settings.home),
        "LEDGERLINE_PORT_BASE": str(settings.port_base),
        "AIRFLOW__CORE__EXECUTOR": EXECUTOR,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:{role}" for name, role in AIRFLOW_ROLES.items()
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__SECRET_KEY": secrets["airflow_api_secret"],
    }


def _airflow_passwords(secrets: Mapping[str, str]) -> dict[str, str]:
    return {name: secrets[f"airflow_{name}"] for name in AIRFLOW_ROLES}


def _accounts(settings: Settings, env: Mapping[str, str]) -> list[str]:
    passwords = _airflow_passwords(load_or_create(settings.home))
    lines = [
        *(
            f"Airflow    {_base_url(settings)}  user {name}, password {passwords[name]}"
            for name in AIRFLOW_ROLES
        ),
        *_dashboard_accounts(settings, env),
        "Warehouse  `ledgerline dsn --role analyst` prints the URL for readers",
        f"HL7 v2     MLLP on {settings.mllp.host}:{settings.mllp_port}",
    ]
    admin = settings.home / "sandbox" / "erp" / "admin_password"
    if settings.sandbox and admin.exists():
        erp = json.loads(env["AIRFLOW_CONN_ERP"])
        lines.append(
            f"ERP        http://127.0.0.1:{settings.erp_port}, "
            f"database {erp.get('extra', {}).get('database', 'erp')}, "
            f"user admin, password in {admin}"
        )
    return [*lines, "Stop it with `make down`"]


def _dashboard_accounts(settings: Settings, env: Mapping[str, str]) -> list[str]:
    if not service.is_installed():
        return [
            "Dashboards are not installed; `make up` installs Superset into .venv-bi"
        ]
    known = directors(stack.warehouse_dsn(env[environment.WAREHOUSE]))
    return [
        f"Dashboards {service.base_url(settings)}  user {name}, password {password}"
        for name, password in service.passwords(settings, known).items()
    ]


def _wait_until_healthy(settings: Settings, known: tuple[Process, ...]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(settings):
        for process in known:
            if not process.is_led():
                raise StackFailed(
                    f"{process.name} ended: {last_line(process.log)} "
                    f"(log: {process.log})"
                )
        if time.monotonic() > deadline:
            raise StackFailed(
                f"Airflow is not healthy after {START_SECONDS:.0f} s; "
                f"see its logs in {settings.logs}"
            )
        time.sleep(0.5)


def _is_healthy(settings: Settings) -> bool:
    url = f"{_base_url(settings)}/api/v2/monitor/health"
    try:
        health = httpx.get(url, timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return False
    return all(
        health.get(name, {}).get("status") == "healthy" for name in HEALTH_COMPONENTS
    )


def _base_url(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.airflow_port}"


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ConfigurationInvalid(
                f"port {port} is taken by another program; stop it or set "
                "LEDGERLINE_PORT_BASE to a free range of ports"
            )


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)
