"""Airflow connections as endpoints."""

from __future__ import annotations

import json
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from ledgerline import settings
from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid, SecretRefused
from ledgerline.secrets import weakness


def find(conn_id: str) -> Endpoint | None:
    """Return a connection from Airflow's secrets, or None when there is none."""
    try:
        connection = Connection.get(conn_id)
    except AirflowNotFoundException:
        return None
    return _endpoint(connection)


def require(conn_id: str) -> Endpoint:
    """Return a connection or say how to define it."""
    endpoint = find(conn_id)
    if endpoint is None:
        raise ConfigurationInvalid(
            f"the Airflow connection {conn_id} is not defined; set "
            f"AIRFLOW_CONN_{conn_id.upper()} or add it in Airflow"
        )
    return endpoint


def _endpoint(connection: Any) -> Endpoint:  # noqa: ANN401
    try:
        extra = json.loads(connection.extra or "{}")
    except json.JSONDecodeError as error:
        raise ConfigurationInvalid(
            f"the extra field of connection {connection.conn_id} is not JSON"
        ) from error
    _refuse_default(connection)
    return Endpoint(
        conn_id=connection.conn_id,
        conn_type=connection.conn_type or "",
        host=connection.host or "",
        port=connection.port,
        schema=connection.schema or "",
        login=connection.login or "",
        password=connection.password or "",
        extra=extra,
    )


def _refuse_default(connection: Any) -> None:  # noqa: ANN401
    """Judge what start cannot see: Airflow's database or a secrets backend."""
    if settings.load().sandbox:
        return
    if why := weakness(connection.password or "", connection.login or ""):
        raise SecretRefused(
            f"the password of connection {connection.conn_id} {why}; change it in that "
            "system, then in the connection"
        )
