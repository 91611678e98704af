"""Logins of the warehouse, set apart from the migrations."""

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
DIRECTOR = "ledgerline_director"
"""What every director may do; each has a login in it."""


def director_login(name: str) -> str:
    """Return the login in PostgreSQL of a director's account."""
    return f"director_{name}"


def set_passwords(dsn: str, passwords: Mapping[str, str]) -> None:
    """Give each role of ROLES its password."""
    with connect(dsn) as connection:
        for name, password in passwords.items():
            connection.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(ROLES[name]), sql.Literal(password)
                )
            )


def open_directors(dsn: str, passwords: Mapping[str, str]) -> None:
    """Make the login of each director, by account, and set its password."""
    with connect(dsn) as connection:
        known = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for name, password in passwords.items():
            login = sql.Identifier(director_login(name))
            if director_login(name) not in known:
                connection.execute(
                    sql.SQL("create role {} login in role {}").format(
                        login, sql.Identifier(DIRECTOR)
                    )
                )
            connection.execute(
                sql.SQL("alter role {} password {}").format(
                    login, sql.Literal(password)
                )
            )
