"""The dashboards put into a running Superset: imported, and opened to their roles."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from ledgerline.dashboards import bundle, load
from ledgerline.runtime.superset import service
from ledgerline.settings import Settings

IMPORT_SECONDS = 120.0


def import_dashboards(settings: Settings, warehouse: str) -> None:
    """Replace the dashboards in Superset by what the definition says."""
    definition = load()
    packed = bundle(definition, _address(warehouse))
    with httpx.Client(
        base_url=service.base_url(settings), timeout=IMPORT_SECONDS, trust_env=False
    ) as client:
        _log_in(client, service.passwords(settings)[service.ENGINEER])
        _call(
            client,
            "POST",
            "/api/v1/assets/import/",
            files={"bundle": ("ledgerline.zip", packed, "application/zip")},
            data={"passwords": "{}"},
        )
        roles = _roles(client)
        for page in definition.pages:
            number = _call(client, "GET", f"/api/v1/dashboard/{page.slug}")["result"]
            _call(
                client,
                "PUT",
                f"/api/v1/dashboard/{number['id']}",
                json={"roles": [roles[name] for name in page.roles]},
            )


def _log_in(client: httpx.Client, password: str) -> None:
    account = {"username": service.ENGINEER, "password": password, "provider": "db"}
    answer = _call(client, "POST", "/api/v1/security/login", json=account)
    client.headers["Authorization"] = f"Bearer {answer['access_token']}"
    token = _call(client, "GET", "/api/v1/security/csrf_token/")["result"]
    client.headers["X-CSRFToken"] = token
    client.headers["Referer"] = str(client.base_url)


def _roles(client: httpx.Client) -> dict[str, int]:
    found = _call(client, "GET", "/api/v1/security/roles/?q=(page_size:100)")
    return {role["name"]: role["id"] for role in found["result"]}


def _call(
    client: httpx.Client,
    method: str,
    path: str,
    **given: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    try:
        answer = client.request(method, path, **given)
    except httpx.HTTPError as error:
        raise service.DashboardsFailed(
            f"Superset does not answer {method} {path.partition('?')[0]}: "
            f"{type(error).__name__}; run `make up` again"
        ) from error
    if answer.is_error:
        raise service.DashboardsFailed(
            f"Superset refuses {method} {path.partition('?')[0]} with "
            f"{answer.status_code}: {answer.text[:300]}"
        )
    return answer.json()


def _address(warehouse: str) -> str:
    """The warehouse without an account: everybody reads it as a role of their own."""
    parts = psycopg.conninfo.conninfo_to_dict(warehouse)
    encrypted = f"?sslmode={parts['sslmode']}" if "sslmode" in parts else ""
    return (
        f"postgresql+psycopg2://{parts['host']}:{parts.get('port', 5432)}"
        f"/{parts['dbname']}{encrypted}"
    )
