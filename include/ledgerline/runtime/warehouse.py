"""Where the warehouse is, for commands outside Airflow."""

from __future__ import annotations

import os
from urllib.parse import quote

import psycopg

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime import environment, stack
from ledgerline.secrets import load_or_create
from ledgerline.settings import Settings
from ledgerline.store.roles import ROLES


def role_dsn(settings: Settings, role: str) -> str:
    """Return the warehouse's URL for a role; start the embedded server if needed."""
    if role != "owner" and role not in ROLES:
        raise ConfigurationInvalid(
            f"there is no role {role}; choose owner, {', '.join(ROLES)}"
        )
    secrets = load_or_create(settings.home)
    if environment.WAREHOUSE in os.environ:
        owner = stack.warehouse_dsn(os.environ[environment.WAREHOUSE])
    else:
        owner = stack.start_postgres(settings).dsn("ledgerline")
    if role == "owner":
        return owner
    parts = psycopg.conninfo.conninfo_to_dict(owner)
    secret = quote(secrets[role], safe="")
    return (
        f"postgresql://{ROLES[role]}:{secret}@{parts['host']}:{parts.get('port', 5432)}"
        f"/{parts['dbname']}"
    )
