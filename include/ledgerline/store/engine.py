"""Connect to the warehouse."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import TupleRow

from ledgerline.canonical.errors import SourceUnavailable

Connection = psycopg.Connection[TupleRow]


def connect(dsn: str, **options: Any) -> Connection:  # noqa: ANN401
    """Open a connection in explicit-transaction mode, times in UTC.

    Raises SourceUnavailable, without the password, when the server does not answer.
    """
    try:
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=10,
            options="-c timezone=UTC",
            application_name="ledgerline",
            **options,
        )
    except psycopg.OperationalError as error:
        raise SourceUnavailable(
            "the warehouse database does not answer at "
            f"{_address(dsn)}; start it (make run) or correct AIRFLOW_CONN_WAREHOUSE"
        ) from error
    return connection


def is_there(connection: Connection, relation: str) -> bool:
    """Tell whether a relation exists, given as `<schema>.<name>`."""
    found = connection.execute("select to_regclass(%s)", [relation]).fetchone()
    return found is not None and found[0] is not None


def _address(dsn: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    return f"{parts.get('host', '')}:{parts.get('port', 5432)}/{parts.get('dbname')}"
