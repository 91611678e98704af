"""Login passwords of the warehouse roles, set apart from the migrations."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import sql

from ledgerline.store.engine import connect

ROLES = {
    "build": "ledgerline_build",
    "poster": "ledgerline_poster",
    "analyst": "ledgerline_analyst",
    "executive": "ledgerline_executive",
    "listener": "ledgerline_listener",
}


def set_passwords(dsn: str, passwords: Mapping[str, str]) -> None:
    """Give each role of ROLES its password."""
    with connect(dsn) as connection:
        for name, password in passwords.items():
            connection.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(ROLES[name]), sql.Literal(password)
                )
            )
