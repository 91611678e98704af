"""Random passwords and keys of the local stack, in one file that only we can read.

And what is no secret, whoever set it: a default that is printed in somebody's manual.
"""

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
PASSWORD_LENGTH = 12
KEY_LENGTH = 32
# What installers, images and manuals of what we run set, in lower case.
_MANUALS = """
    … ... 0000 1234 12345 123456 12345678 123456789 1234567890 abc123 admin admin123
    administrator airflow airflow_jwt_secret analyst approver billing build celery
    change_me change_me_to_a_complex_random_secret_key changeit changeme default demo
    ehr engineer
    erp example executive fhir fhiruser guest hapi ledgerline letmein listener mirth
    operator oracle p pass passw0rd password password1 password123 postgres postgresql
    poster pw pwd qwerty redis replace-me replaceme root secret secret_key
    superset system temporary_key test test_non_dev_secret
    thisisasecret_1234 tryton trytond user viewer warehouse welcome
    your_own_random_generated_secret_key your_secret_key your_secret_key_here
    46bkjoqylppoexq0ohdznilnepkff87wfwlbfzqddho=
    81hqdtbqaywksoumsha3bhwnodq26slt6k0yazezyps=
"""
PUBLISHED = frozenset(_MANUALS.split())


def weakness(value: str, login: str = "", at_least: int = 0) -> str:
    """Say why a secret is none, as the end of a sentence; nothing where it may be one.

    `at_least` is the length that it has to have, where the choice is ours.
    """
    plain = value.strip().lower()
    if plain in PUBLISHED:
        return "is a default that everybody knows"
    if plain and plain == login.strip().lower():
        return "is the name of its account"
    if len(plain) < at_least:
        return f"is shorter than {at_least} characters"
    if at_least and len(set(plain)) < at_least // 4:
        return "repeats a few characters"
    return ""


def derived(key: str, name: str) -> str:
    """Return the secret of this name that a key stands for."""
    return hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()


def file_of(home: Path) -> Path:
    """Return the file that holds the secrets of this home."""
    return home / "secrets.json"


def load_or_create(home: Path) -> dict[str, str]:
    """Return the secrets of this home; create missing ones."""
    home.mkdir(parents=True, exist_ok=True)
    path = file_of(home)
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
