"""Random passwords and keys of the local stack, in one file that only we can read."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

NAMES = (
    *("postgres", "airflow_admin"),
    *("airflow_approver", "airflow_operator", "airflow_viewer"),
    *("build", "poster", "analyst", "executive", "listener"),
    *("superset_database", "superset_engineer"),
    *("superset_executive", "superset_analyst", "directors"),
)


def derived(key: str, name: str) -> str:
    """Return the secret of this name that a key stands for."""
    return hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()


def load_or_create(home: Path) -> dict[str, str]:
    """Return the secrets of this home; create missing ones."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "secrets.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    wanted = {name: secrets.token_urlsafe(18) for name in NAMES}
    wanted["airflow_fernet_key"] = urlsafe_b64encode(os.urandom(32)).decode()
    wanted["airflow_api_secret"] = secrets.token_urlsafe(32)
    wanted["airflow_jwt_secret"] = secrets.token_urlsafe(64)
    wanted["superset_secret_key"] = secrets.token_urlsafe(48)
    merged = {**wanted, **known}
    if merged != known:
        partial = path.with_suffix(".new")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(merged, indent=1))
        partial.replace(path)
    return merged
