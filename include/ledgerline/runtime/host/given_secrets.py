"""Start refuses secrets that anybody could know: defaults, account names, short keys.

Outside the sandbox the environment is somebody's production. What is not in it, a
secrets backend's values above all, is judged where it is used (connections.py).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ledgerline.canonical.errors import SecretRefused
from ledgerline.secrets import KEY_LENGTH, PASSWORD_LENGTH, file_of, weakness
from ledgerline.settings import Settings

FERNET = "AIRFLOW__CORE__FERNET_KEY"
KEYS = ("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
PASSWORDS = {
    "POSTGRES_PASSWORD": "postgres",
    "WAREHOUSE_PASSWORD": "ledgerline",
    "AIRFLOW_DATABASE_PASSWORD": "airflow",
    "ERP_DATABASE_PASSWORD": "erp",
    "REDIS_PASSWORD": "default",
    "AIRFLOW_ADMIN_PASSWORD": "admin",
    "ERP_ADMIN_PASSWORD": "admin",
}
"""Variable of the compose deployment, and the account whose password it is."""
URLS = (
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW__CELERY__BROKER_URL",
    "AIRFLOW__CELERY__RESULT_BACKEND",
    "LEDGERLINE_SUPERSET_DATABASE",
)
CONNECTION = "AIRFLOW_CONN_"
SECRET_EXTRAS = ("private_key_passphrase",)
_REMEDY = {
    FERNET: "set it to a new one: openssl rand -base64 32 | tr '+/' '-_'",
    **dict.fromkeys(KEYS, "set it to a new one: openssl rand -hex 48"),
}


def require_own_secrets(settings: Settings, environ: Mapping[str, str]) -> None:
    """Raise SecretRefused naming every secret that is none, and what to do."""
    found = [*_environment(environ), *_file(file_of(settings.home))]
    if found:
        raise SecretRefused(
            f"{'; '.join(found)}. Outside the sandbox nothing starts with it"
        )


def _environment(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(environ.items()):
        for place, why in _weaknesses(name, value):
            remedy = _REMEDY.get(name, "change it there, then here")
            yield f"{name}: {place} {why}; {remedy}"


def _weaknesses(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name == FERNET:
        for key in value.split(","):
            why = "" if _is_fernet_key(key) else "is no key of 32 random bytes"
            yield from _told("the key", weakness(key) or why)
    elif name in KEYS:
        yield from _told("the key", weakness(value, at_least=KEY_LENGTH))
    elif name in PASSWORDS:
        why = weakness(value, PASSWORDS[name], PASSWORD_LENGTH)
        yield from _told("the password", why)
    elif name in URLS:
        yield from _url(value)
    elif name.startswith(CONNECTION):
        yield from _connection(value)


def _told(place: str, why: str) -> Iterator[tuple[str, str]]:
    if why:
        yield place, why


def _url(value: str) -> Iterator[tuple[str, str]]:
    parts = urlsplit(value.removeprefix("db+"))
    login, password = unquote(parts.username or ""), unquote(parts.password or "")
    yield from _told("the password", weakness(password, login))
    for key, extra in parse_qsl(parts.query):
        if key in (*SECRET_EXTRAS, "password"):
            yield from _told(f"its {key}", weakness(extra, login))


def _connection(value: str) -> Iterator[tuple[str, str]]:
    if not value.lstrip().startswith("{"):
        yield from _url(value)
        return
    given = _read(value)
    login, password = (str(given.get(key) or "") for key in ("login", "password"))
    yield from _told("the password", weakness(password, login))
    extra = given.get("extra") or {}
    extra = _read(extra) if isinstance(extra, str) else extra
    for key in SECRET_EXTRAS:
        yield from _told(f"its {key}", weakness(str(extra.get(key) or "")))


def _read(text: str) -> dict[str, Any]:
    """Read a JSON object; what is none is refused, by name, by who needs it."""
    try:
        given = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return given if isinstance(given, dict) else {}


def _is_fernet_key(value: str) -> bool:
    try:
        key = urlsafe_b64decode(value)
    except (NotBase64, ValueError):
        return False
    return len(key) == KEY_LENGTH and len(set(key)) > KEY_LENGTH // 4


def _file(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    if path.stat().st_mode & 0o077:
        yield f"{path} may be read by others; chmod 600 {path}"
    for name, value in json.loads(path.read_text()).items():
        if why := weakness(value, name, PASSWORD_LENGTH):
            remedy = "take it out of the file, and the next start makes a random one"
            yield f"{path}: {name} {why}; {remedy}"
