"""Superset's database, roles and accounts: run by Superset's own Python.

Reads the accounts as JSON from standard input: name, password and role of each.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from flask_migrate import upgrade
from superset.app import create_app

_READER = "Gamma"
_READER_LEAVES = {
    *(("can_write", kind) for kind in ("Chart", "Dashboard", "Dataset", "Theme")),
    *(
        ("can_export", kind)
        for kind in ("Chart", "Dashboard", "Dataset", "ImportExportRestApi")
    ),
    *(("menu_access", menu) for menu in ("Charts", "Datasets", "Themes", "Plugins")),
    ("can_explore", "Superset"),
}
_ANALYST_ADDS = "sql_lab"


def provision(accounts: list[dict[str, str]]) -> None:
    """Migrate Superset's database, make our roles and set the accounts' passwords."""
    with create_app().app_context():
        from superset import appbuilder, security_manager
        from superset.extensions import db

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        _make_roles(security_manager)
        for account in accounts:
            _make_account(security_manager, **account)
        db.session.commit()


def _make_roles(security: Any) -> None:  # noqa: ANN401
    reader = list(security.find_role(_READER).permissions)
    executive = [
        each
        for each in reader
        if (each.permission.name, each.view_menu.name) not in _READER_LEAVES
    ]
    everything = security.add_permission_view_menu(
        "all_database_access", "all_database_access"
    )
    lab = list(security.find_role(_ANALYST_ADDS).permissions)
    for name, permissions in {
        "Executive": executive,
        "Director": executive,
        "Analyst": [*reader, *lab, everything],
    }.items():
        role = security.add_role(name)
        role.permissions = list(dict.fromkeys(permissions))


def _make_account(
    security: Any,  # noqa: ANN401
    name: str,
    password: str,
    role: str,
) -> None:
    user = security.find_user(username=name)
    if user is None:
        user = security.add_user(
            username=name,
            first_name=name.capitalize(),
            last_name="",
            email=f"{name}@ledgerline.invalid",
            role=security.find_role(role),
            password=password,
        )
    user.roles = [security.find_role(role)]
    security.reset_password(user.id, password)


if __name__ == "__main__":
    provision(json.load(sys.stdin))
