"""The page's HTTP surface under /ledgerline/v1: one page, its style, three writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Form, HTTPException, Request, Response, status
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, StrictUndefined, Template

from ledgerline.operations.exceptions.queue import age
from ledgerline.operations.health.health import health
from ledgerline.orchestration.flows import warehouse
from ledgerline.orchestration.health_page import PREFIX, act
from ledgerline.orchestration.health_page.access import Right, rights
from ledgerline.orchestration.health_page.protection import (
    require_own_page,
    sealed,
    token,
    unsealed,
)

SHOWN = 100
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
SignedIn = Annotated[BaseUser, Depends(get_user)]
Token = Annotated[str, Form()]

app = FastAPI(
    title="Ledgerline workflow health", version="1", docs_url=None, redoc_url=None
)


@app.middleware("http")
async def put_headers(
    request: Request, go_on: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Let no browser frame, keep or sniff what this surface answers."""
    response = await go_on(request)
    response.headers.update(HEADERS)
    return response


@app.exception_handler(HTTPException)
async def answer_refusal(request: Request, refused: HTTPException) -> Response:
    """Send a reader who is not signed in to the login; refuse everything else."""
    is_unknown = refused.status_code == status.HTTP_401_UNAUTHORIZED
    if is_unknown and request.method == "GET":
        login = get_auth_manager().get_url_login(next_url=str(request.url))
        return RedirectResponse(login, status.HTTP_302_FOUND)
    return JSONResponse({"detail": refused.detail}, refused.status_code)


@app.get("/page.css")
def style() -> Response:
    """Return the page's style; it holds nothing of the hospital."""
    return Response(_text("page.css"), media_type="text/css")


@app.get("/", response_class=HTMLResponse)
def page(request: Request, user: SignedIn, said: str = "") -> HTMLResponse:
    """Return the page, with the buttons that the reader may press."""
    may = _require(user, Right.LOOK)
    html = _template().render(
        health=health(warehouse()),
        now=datetime.now(UTC),
        age=age,
        person=user.get_name(),
        may_ask=Right.ASK in may,
        may_approve=Right.APPROVE in may,
        token=token(user.get_name()),
        said=unsealed(said) if said else "",
        root=request.scope.get("root_path", PREFIX),
        shown=SHOWN,
    )
    return HTMLResponse(html)


@app.post("/exceptions/replay")
def replay(
    request: Request,
    user: SignedIn,
    form_token: Token,
    exception_id: Annotated[str, Form(max_length=400)],
    reason: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Land a quarantined record again, or ask for what an exception allows."""
    person = _writer(request, user, Right.ASK, form_token)
    return _back(request, act.replay(warehouse(), exception_id, person, reason))


@app.post("/requests/{number}/approve")
def approve(
    request: Request, user: SignedIn, form_token: Token, number: int
) -> Response:
    """Approve what another person asked for."""
    person = _writer(request, user, Right.APPROVE, form_token)
    return _back(request, act.approve(warehouse(), number, person))


@app.post("/requests/{number}/reject")
def reject(
    request: Request, user: SignedIn, form_token: Token, number: int
) -> Response:
    """Close a request without effect."""
    person = _writer(request, user, Right.APPROVE, form_token)
    return _back(request, act.reject(warehouse(), number, person))


def _require(user: BaseUser, right: Right) -> frozenset[Right]:
    may = rights(user)
    if right not in may:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "your role in Airflow does not allow this"
        )
    return may


def _writer(request: Request, user: BaseUser, right: Right, given: str) -> str:
    _require(user, right)
    require_own_page(request, user.get_name(), given)
    return str(user.get_name())


def _back(request: Request, said: str) -> Response:
    root = request.scope.get("root_path", PREFIX)
    return RedirectResponse(f"{root}/?said={sealed(said)}", status.HTTP_303_SEE_OTHER)


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html"))


def _text(name: str) -> str:
    page = files("ledgerline.orchestration.health_page") / name
    return page.read_text(encoding="utf-8")
