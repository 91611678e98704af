"""Superset's own configuration: loaded by Superset, in its virtual environment.

Whoever looks at a chart reads the warehouse as the PostgreSQL role of their Superset
role: PostgreSQL decides what they may see. Superset keeps no password of the warehouse,
and no result: two people never share one, and a new publication is seen at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE"]
LOGINS: dict[str, tuple[str, str]] = json.loads(os.environ["SUPERSET_LOGINS"])
"""PostgreSQL role and password by Superset role, the one that sees most first."""
DIRECTOR = "Director"
DIRECTORS = os.environ["SUPERSET_DIRECTORS"]
"""Key of the passwords of directors, each of whom has a login of their own."""

APP_NAME = "Ledgerline"
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "RLS_IN_SQLLAB": True,
    "ALERT_REPORTS": False,
    "TAGGING_SYSTEM": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    # Each would ask a question per chart before the page is drawn.
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
}
_NOTHING_KEPT = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = _NOTHING_KEPT
CACHE_CONFIG = _NOTHING_KEPT
FILTER_STATE_CACHE_CONFIG = {
    "CACHE_TYPE": "SupersetMetastoreCache",
    "CACHE_DEFAULT_TIMEOUT": 86_400,
}
EXPLORE_FORM_DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
WTF_CSRF_ENABLED = True
SESSION_COOKIE_SAMESITE = "Lax"
# Cookies know hosts and not ports: Airflow answers on the same host.
SESSION_COOKIE_NAME = "ledgerline_dashboards"
PREVENT_UNSAFE_DB_CONNECTIONS = True
CONTENT_SECURITY_POLICY_WARNING = True
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    # Nothing but ourselves: the browser is not let out to map tiles or counters either.
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""]}


class NobodyReads(RuntimeError):
    """A query of somebody whose Superset role has no login in the warehouse."""


def DB_CONNECTION_MUTATOR(
    uri: Any,  # noqa: ANN401
    params: dict[str, Any],
    username: str | None,
    security: Any,  # noqa: ANN401
    _source: object,
) -> tuple[Any, dict[str, Any]]:
    """Log in to the warehouse as the PostgreSQL role of the user's Superset role."""
    user = security.find_user(username=username) if username else None
    own = {role.name for role in user.roles} if user else set()
    for superset_role, (login, password) in LOGINS.items():
        if superset_role in own:
            return uri.set(username=login, password=password), params
    if DIRECTOR in own:
        login = f"director_{username}"
        secret = hmac.new(DIRECTORS.encode(), login.encode(), hashlib.sha256)
        return uri.set(username=login, password=secret.hexdigest()), params
    raise NobodyReads(
        "no role of this account has a login in the warehouse; give it one of "
        f"{', '.join([*LOGINS, DIRECTOR])}"
    )
