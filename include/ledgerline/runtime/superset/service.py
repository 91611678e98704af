"""Superset as a process of `up`: its database, its environment, its accounts."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
from psycopg import sql

from ledgerline.canonical.errors import Fatal
from ledgerline.runtime import stack
from ledgerline.runtime.processes import last_line
from ledgerline.runtime.session import Process
from ledgerline.secrets import derived, load_or_create
from ledgerline.settings import REPOSITORY, Settings
from ledgerline.store.roles import ROLES, director_login, open_directors

PYTHON = REPOSITORY / ".venv-bi" / "bin" / "python"
FOLDER = Path(__file__).parent
DATABASE = "superset"
OWNER = "ledgerline_superset"
START_SECONDS = 180.0
ENGINEER = "engineer"
ACCOUNTS = {ENGINEER: "Admin", "analyst": "Analyst", "executive": "Executive"}
"""Account and its Superset role."""
LOGINS = {"Admin": "analyst", "Analyst": "analyst", "Executive": "executive"}
"""Superset role and the warehouse role that its people read as, the widest first."""
DIRECTOR = "Director"
"""Superset role of those who read the warehouse each as a login of their own."""


class DashboardsFailed(Fatal):
    """Superset does not come up, or refuses the dashboards."""

    code = "DASHBOARDS_FAILED"


def is_installed() -> bool:
    """Tell whether the virtual environment of Superset is there."""
    return PYTHON.exists()


def base_url(settings: Settings) -> str:
    """Return the address of Superset's web interface."""
    return f"http://127.0.0.1:{settings.superset_port}"


def process(settings: Settings) -> Process:
    """Describe Superset's web server."""
    bind = f"127.0.0.1:{settings.superset_port}"
    return Process(
        name="superset",
        python=str(PYTHON),
        arguments=(
            *("gunicorn", "--bind", bind, "--workers", "2", "--threads", "8"),
            *(
                "--worker-class",
                "gthread",
                "--timeout",
                "120",
                "--log-level",
                "warning",
            ),
            "superset.app:create_app()",
        ),
        pid_file=settings.home / "run" / "superset.pid",
        log=settings.logs / "superset.log",
    )


def start(settings: Settings, directors: Iterable[str] = ()) -> None:
    """Prepare Superset's database and accounts, start its web server, wait for it."""
    env = environment(settings, database(settings))
    _provision(settings, env, directors)
    process(settings).start(env)
    _wait_until_healthy(settings)


def database(settings: Settings) -> str:
    """Return the SQLAlchemy URL of Superset's own database; make it when missing."""
    if settings.superset_database:
        return settings.superset_database
    password = load_or_create(settings.home)["superset_database"]
    server = stack.start_postgres(settings)
    server.create_database(DATABASE)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        owner = sql.Identifier(OWNER)
        known = connection.execute("select from pg_roles where rolname = %s", [OWNER])
        if known.fetchone() is None:
            connection.execute(sql.SQL("create role {} login").format(owner))
        connection.execute(
            sql.SQL("alter role {} password {}").format(owner, sql.Literal(password))
        )
        connection.execute(
            sql.SQL("alter database {} owner to {}").format(
                sql.Identifier(DATABASE), owner
            )
        )
    port = settings.postgres_port
    secret = quote(password, safe="")
    return f"postgresql+psycopg2://{OWNER}:{secret}@127.0.0.1:{port}/{DATABASE}"


def environment(settings: Settings, own_database: str) -> dict[str, str]:
    """Return Superset's environment: it learns no secret but its own and readers'."""
    secrets = load_or_create(settings.home)
    home = settings.home / "superset"
    home.mkdir(parents=True, exist_ok=True)
    logins = {name: (ROLES[role], secrets[role]) for name, role in LOGINS.items()}
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(FOLDER / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secrets["superset_secret_key"],
        "SUPERSET_DATABASE": own_database,
        "SUPERSET_LOGINS": json.dumps(logins),
        "SUPERSET_DIRECTORS": secrets["directors"],
    }


def passwords(settings: Settings, directors: Iterable[str] = ()) -> dict[str, str]:
    """Return the password of each account, those of directors last."""
    secrets = load_or_create(settings.home)
    known = {name: secrets[f"superset_{name}"] for name in ACCOUNTS}
    key = secrets["directors"]
    return known | {name: derived(key, f"account {name}") for name in directors}


def open_logins(settings: Settings, warehouse: str, directors: Iterable[str]) -> None:
    """Let each director log in to the warehouse, as nobody else."""
    key = load_or_create(settings.home)["directors"]
    open_directors(
        warehouse, {name: derived(key, director_login(name)) for name in directors}
    )


def _provision(
    settings: Settings, env: Mapping[str, str], directors: Iterable[str]
) -> None:
    """Migrate and set up accounts, unless exactly that was done in this home."""
    accounts = json.dumps(
        [
            {"name": name, "role": ACCOUNTS.get(name, DIRECTOR), "password": password}
            for name, password in passwords(settings, directors).items()
        ]
    )
    script = FOLDER / "provision.py"
    parts = (accounts, env["SUPERSET_DATABASE"], script.read_text(), _lock_text())
    wanted = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    mark = settings.home / "superset" / "provisioned"
    if mark.exists() and mark.read_text() == wanted:
        return
    log = settings.logs / "superset_provision.log"
    with log.open("w") as out:
        done = subprocess.run(  # noqa: S603
            [str(PYTHON), str(script)],
            check=False,
            input=accounts.encode(),
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env),
        )
    if done.returncode:
        raise DashboardsFailed(
            f"Superset's database is not ready: {last_line(log)} (log: {log})"
        )
    mark.write_text(wanted)


def _lock_text() -> str:
    return (REPOSITORY / "requirements-bi.txt").read_text()


def _wait_until_healthy(settings: Settings) -> None:
    server = process(settings)
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(settings):
        if not server.is_led():
            raise DashboardsFailed(
                f"Superset ended: {last_line(server.log)} (log: {server.log})"
            )
        if time.monotonic() > deadline:
            raise DashboardsFailed(
                f"Superset does not answer after {START_SECONDS:.0f} s "
                f"(log: {server.log})"
            )
        time.sleep(0.5)


def _is_healthy(settings: Settings) -> bool:
    try:
        answer = httpx.get(f"{base_url(settings)}/health", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
