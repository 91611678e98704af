"""Put the workflow-health page into Airflow's UI.

Only the API server serves it; tasks and the scheduler need not import it.
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from ledgerline.orchestration.health_page import PREFIX


def _apps() -> list[dict[str, Any]]:
    if "api-server" not in sys.argv:
        return []
    from ledgerline.orchestration.health_page.app import app

    return [{"app": app, "url_prefix": PREFIX, "name": "Ledgerline workflow health"}]


def _path() -> str:
    base = conf.get("api", "base_url", fallback="/") or "/"
    return f"{urlsplit(base).path.rstrip('/')}{PREFIX}/"


class WorkflowHealth(AirflowPlugin):  # type: ignore[misc]
    """The page, and its place in the navigation."""

    name = "workflow_health"
    fastapi_apps = _apps()
    external_views = [  # noqa: RUF012
        {
            "name": "Workflow health",
            "href": _path(),
            "url_route": "workflow_health",
            "destination": "nav",
            "category": "browse",
        }
    ]
