"""Bring the local stack to the point where a run can start.

Starts the embedded PostgreSQL unless the user brings a warehouse and an Airflow
metadata database, migrates, starts the sandbox hospital unless LEDGERLINE_SANDBOX=0,
and returns the environment for Airflow.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib.metadata import distributions
from pathlib import Path

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime import environment
from ledgerline.runtime.host.disk import require_room
from ledgerline.runtime.host.given_secrets import require_own_secrets
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.runtime.processes import Step, run
from ledgerline.secrets import load_or_create
from ledgerline.settings import REPOSITORY, Settings
from ledgerline.store.migrate import migrate
from ledgerline.store.roles import ROLES, set_passwords

SOURCES = ("ehr_fhir", "ehr_hl7v2", "billing_x12", "erp")
Say = Callable[[str], None]


def prepare(settings: Settings, say: Say) -> dict[str, str]:
    """Start and migrate everything; return the environment of the chain."""
    if not settings.sandbox:
        require_own_secrets(settings, os.environ)
    require_room(settings.home)
    settings.logs.mkdir(parents=True, exist_ok=True)
    secrets = load_or_create(settings.home)
    defaults = environment.airflow_defaults(settings, secrets)
    if settings.sandbox and not needs_embedded_postgres():
        raise ConfigurationInvalid(
            "the sandbox needs the embedded PostgreSQL; set LEDGERLINE_SANDBOX=0 or "
            f"unset {environment.WAREHOUSE} and {environment.METADATA}"
        )
    if needs_embedded_postgres():
        say(f"PostgreSQL on 127.0.0.1:{settings.postgres_port}")
        start_postgres(settings)
    env = environment.with_defaults(defaults)
    migrate_warehouse(env, secrets)
    with ThreadPoolExecutor() as pool:
        say("Airflow metadata database")
        airflow = pool.submit(_migrate_airflow, settings, env)
        if settings.sandbox:
            say("sandbox hospital: claims, remittances, HL7, FHIR server, ERP (Tryton)")
            _start_sandbox(settings, env, pool)
        airflow.result()
    return known_environment(settings)


def known_environment(settings: Settings) -> dict[str, str]:
    """The chain's environment as a run left it; starts nothing."""
    secrets = load_or_create(settings.home)
    defaults = environment.airflow_defaults(settings, secrets)
    if settings.sandbox and _erp_connection(settings).exists():
        defaults |= _sandbox_sources(settings)
    return environment.with_defaults(defaults)


def start_postgres(settings: Settings) -> EmbeddedPostgres:
    """Start the embedded server with its databases; keep it when it runs."""
    server = embedded_postgres(settings)
    server.start()
    for name in ("ledgerline", "airflow"):
        server.create_database(name)
    return server


def embedded_postgres(settings: Settings) -> EmbeddedPostgres:
    """Describe the embedded server of this home."""
    secrets = load_or_create(settings.home)
    return EmbeddedPostgres(
        settings.home / "pg", settings.postgres_port, secrets["postgres"]
    )


def migrate_warehouse(env: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Migrate the warehouse that the environment names and set role passwords."""
    dsn = warehouse_dsn(env[environment.WAREHOUSE])
    migrate(dsn)
    set_passwords(dsn, {name: secrets[name] for name in ROLES})


def stop(settings: Settings) -> None:
    """Stop the sandbox's servers and the embedded PostgreSQL of this home."""
    if (settings.home / "sandbox").exists():
        for command in ("erp-down", "fhir-down"):
            run(_sandbox_step(settings, command), environment.with_defaults({}))
    embedded_postgres(settings).stop()


def warehouse_dsn(connection: str) -> str:
    """The libpq URL of an Airflow connection given as JSON or URI."""
    if not connection.lstrip().startswith("{"):
        return connection.replace("postgres://", "postgresql://", 1)
    from ledgerline.canonical.endpoint import Endpoint

    given = json.loads(connection)
    return Endpoint(
        conn_id="warehouse",
        conn_type=given.get("conn_type", "postgres"),
        host=given.get("host", ""),
        port=given.get("port"),
        schema=given.get("schema", ""),
        login=given.get("login", ""),
        password=given.get("password", ""),
    ).postgres_dsn


def needs_embedded_postgres() -> bool:
    """Tell whether one of the databases lies in the embedded PostgreSQL."""
    own = (environment.WAREHOUSE, environment.METADATA)
    return not all(name in os.environ for name in own)


def missing_sources(env: Mapping[str, str]) -> list[str]:
    """Name the source connections that the environment does not define."""
    return [name for name in SOURCES if f"AIRFLOW_CONN_{name.upper()}" not in env]


def airflow_steps(logs: Path, python: str = sys.executable) -> list[Step]:
    """Return what makes Airflow's metadata database ready, accounts apart."""
    fab = "ledgerline.orchestration.health_page.fab_roles"
    return [
        Step(
            name="airflow db migrate",
            command=[python, "-m", "airflow", "db", "migrate"],
            log=logs / "airflow_db_migrate.log",
        ),
        Step(
            name="roles of the workflow-health page",
            command=[python, "-m", fab],
            log=logs / "fab_roles.log",
        ),
    ]


def _migrate_airflow(settings: Settings, env: Mapping[str, str]) -> None:
    migration, roles = airflow_steps(settings.logs)
    run(migration, env)
    if any(distributions(name="apache-airflow-providers-fab")):
        run(roles, env)


def _start_sandbox(settings: Settings, env: Mapping[str, str], pool: Executor) -> None:
    """Make the ERP's empty database beside the hospital's files.

    Then fill it, while the FHIR server takes the EHR's extract.
    """
    erp = (
        *("--database-url", embedded_postgres(settings).dsn("erp")),
        *("--port", str(settings.erp_port)),
        *("--erp-python", str(REPOSITORY / ".venv-erp" / "bin" / "python")),
    )
    fhir = (
        *("--port", str(settings.fhir_port)),
        *("--fhir-python", str(REPOSITORY / ".venv-fhir" / "bin" / "python")),
    )
    wishes = {
        "--corrupt": settings.sandbox_corruption,
        "--extract": settings.sandbox_extract,
    }
    wished = [part for wish in wishes.items() if wish[1] for part in wish]
    empty = pool.submit(run, _sandbox_step(settings, "erp-prepare", *erp), env)
    run(_sandbox_step(settings, "generate", *wished), env)
    ehr = pool.submit(run, _sandbox_step(settings, "fhir-up", *fhir), env)
    empty.result()
    run(_sandbox_step(settings, "erp-up", *erp), env)
    ehr.result()


def _sandbox_sources(settings: Settings) -> dict[str, str]:
    sandbox = settings.home / "sandbox"
    return {
        "AIRFLOW_CONN_EHR_FHIR": (sandbox / "fhir" / "connection.json").read_text(),
        "AIRFLOW_CONN_EHR_HL7V2": environment.folder_connection(sandbox / "hl7"),
        "AIRFLOW_CONN_BILLING_X12": environment.folder_connection(sandbox / "billing"),
        "AIRFLOW_CONN_ERP": _erp_connection(settings).read_text(),
    }


def _erp_connection(settings: Settings) -> Path:
    return settings.home / "sandbox" / "erp" / "connection.json"


def _sandbox_step(settings: Settings, command: str, *arguments: str) -> Step:
    return Step(
        name=f"sandbox {command}",
        command=[
            *(sys.executable, "-m", "sandbox", command),
            *("--home", str(settings.home)),
            *arguments,
        ],
        log=settings.logs / f"sandbox_{command.replace('-', '_')}.log",
    )
