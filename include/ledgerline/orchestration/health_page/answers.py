"""What each call may be answered, as OpenAPI tells it."""

from __future__ import annotations

from typing import Any

from fastapi import status
from fastapi.responses import RedirectResponse

_REFUSAL = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string", "description": "why, in one sentence"}},
}


def _refused(why: str, **headers: str) -> dict[str, Any]:
    told = {name.replace("_", "-"): _header(what) for name, what in headers.items()}
    return {
        "description": why,
        "headers": told,
        "content": {"application/json": {"schema": _REFUSAL}},
    }


def _header(what: str, of: str = "string") -> dict[str, Any]:
    return {"description": what, "schema": {"type": of}}


_ALWAYS: dict[int | str, dict[str, Any]] = {
    403: _refused("Your role does not allow this, or the form is not of your page"),
    422: _refused("A field cannot be read"),
    429: _refused("Too many calls", Retry_After="seconds until the next one is taken"),
}
READ: dict[int | str, dict[str, Any]] = {
    302: {
        "description": "You are not signed in; the login is there",
        "headers": {"Location": _header("the login")},
    },
    **_ALWAYS,
}
"""Of the page."""
WRITE: dict[str, Any] = {
    "status_code": status.HTTP_303_SEE_OTHER,
    "response_class": RedirectResponse,
    "responses": {
        303: {
            "description": "Done, or refused by a rule: the page says which",
            "headers": {
                "Location": _header("the page, with what was said"),
                "Idempotency-Replayed": _header("true where this was done before"),
            },
        },
        400: _refused("The write has no Idempotency-Key, or its form cannot be read"),
        401: _refused("You are not signed in"),
        **_ALWAYS,
        409: _refused("A write of this key was cut off; look before a new one"),
        422: _refused("A field cannot be read, or the key stood for another write"),
    },
}
"""Of the buttons."""
