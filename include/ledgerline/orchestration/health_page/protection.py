"""What a write must bring along: a token of this person's page, from this site."""

from __future__ import annotations

from urllib.parse import urlsplit

from airflow.configuration import conf
from fastapi import HTTPException, Request, status
from itsdangerous import BadSignature, URLSafeTimedSerializer

TOKEN_SECONDS = 3600


def token(person: str) -> str:
    """Return the token that the forms of a person's page carry."""
    return _serializer("form").dumps(person)


def require_own_page(request: Request, person: str, given: str) -> None:
    """Refuse a write that did not begin on this person's page of this site."""
    origin = urlsplit(request.headers.get("origin", ""))
    fetched_from = request.headers.get("sec-fetch-site", "same-origin")
    if origin.netloc != request.headers.get("host") or fetched_from != "same-origin":
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "the form came from another site"
        )
    try:
        named = _serializer("form").loads(given, max_age=TOKEN_SECONDS)
    except BadSignature:
        named = None
    if named != person:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            "the page is too old or another person's; load it again",
        )


def sealed(sentence: str) -> str:
    """Return a sentence so that a link can carry it and nobody can write another."""
    return _serializer("said").dumps(sentence)


def unsealed(given: str) -> str:
    """Return a sealed sentence; nothing where it is not ours or a minute old."""
    try:
        return str(_serializer("said").loads(given, max_age=60))
    except BadSignature:
        return ""


def _serializer(salt: str) -> URLSafeTimedSerializer:
    key = conf.get_mandatory_value("api", "secret_key")
    return URLSafeTimedSerializer(key, salt=f"ledgerline.health_page.{salt}")
