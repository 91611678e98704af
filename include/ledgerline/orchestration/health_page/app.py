"""The page's HTTP surface under /ledgerline/v1: one page, its style, three writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from secrets import token_urlsafe
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from fastapi import (
    Depends,
    FastAPI,
    Form,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
    status,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, StrictUndefined, Template

from ledgerline.operations.exceptions.queue import age
from ledgerline.operations.health.health import health
from ledgerline.orchestration.flows import warehouse
from ledgerline.orchestration.health_page import OWNER, PREFIX, PROMISE, VERSION, act
from ledgerline.orchestration.health_page.access import Right
from ledgerline.orchestration.health_page.answers import READ, WRITE
from ledgerline.orchestration.health_page.call import (
    Sender,
    SignedIn,
    done_once,
    require_right,
    sender_with,
    take_call,
)
from ledgerline.orchestration.health_page.protection import sealed, token, unsealed

SHOWN = 100
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
PLAIN = r"^[^\x00]*$"
Number = Annotated[int, Path(ge=1, lt=2**63)]


class Style(Response):
    """A style sheet."""

    media_type = "text/css"


app = FastAPI(
    title="Ledgerline workflow health",
    version=VERSION,
    summary="What waits on a person, and the two buttons of it.",
    description=PROMISE,
    contact={"name": OWNER},
    docs_url=None,
    redoc_url=None,
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
    return JSONResponse(
        {"detail": refused.detail}, refused.status_code, headers=refused.headers
    )


@app.exception_handler(RequestValidationError)
async def answer_invalid(_: Request, invalid: RequestValidationError) -> Response:
    """Name the fields that cannot be read, without what was in them."""
    told = [
        f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
        for error in invalid.errors()
    ]
    return JSONResponse({"detail": "; ".join(told)}, 422)


@app.get("/page.css", response_class=Style)
def style() -> Response:
    """Return the page's style; it holds nothing of the hospital."""
    return Style(_text("page.css"))


@app.get("/", response_class=HTMLResponse, responses=READ)
def page(
    request: Request,
    user: SignedIn,
    said: Annotated[str, Query(max_length=4000)] = "",
) -> HTMLResponse:
    """Return the page, with the buttons that the reader may press."""
    take_call(user, "read")
    may = require_right(user, Right.LOOK)
    html = _template().render(
        health=health(warehouse()),
        now=datetime.now(UTC),
        age=age,
        person=user.get_name(),
        may_ask=Right.ASK in may,
        may_approve=Right.APPROVE in may,
        token=token(user.get_name()),
        new_key=lambda: token_urlsafe(16),
        said=unsealed(said) if said else "",
        root=request.scope.get("root_path", PREFIX),
        shown=SHOWN,
    )
    return HTMLResponse(html)


@app.post("/exceptions/replay", **WRITE)
def replay(
    request: Request,
    sender: Annotated[Sender, Depends(sender_with(Right.ASK))],
    exception_id: Annotated[str, Form(min_length=1, max_length=400, pattern=PLAIN)],
    reason: Annotated[str, Form(max_length=400, pattern=PLAIN)] = "",
) -> Response:
    """Land a quarantined record again, or ask for what an exception allows."""
    fields = {"exception_id": exception_id, "reason": reason}
    who = sender.person
    return _once(
        request,
        sender,
        fields,
        lambda: act.replay(warehouse(), exception_id, who, reason),
    )


@app.post("/requests/{number}/approve", **WRITE)
def approve(
    request: Request,
    sender: Annotated[Sender, Depends(sender_with(Right.APPROVE))],
    number: Number,
) -> Response:
    """Approve what another person asked for."""
    who = sender.person
    return _once(request, sender, {}, lambda: act.approve(warehouse(), number, who))


@app.post("/requests/{number}/reject", **WRITE)
def reject(
    request: Request,
    sender: Annotated[Sender, Depends(sender_with(Right.APPROVE))],
    number: Number,
) -> Response:
    """Close a request without effect."""
    who = sender.person
    return _once(request, sender, {}, lambda: act.reject(warehouse(), number, who))


def _once(
    request: Request, sender: Sender, fields: dict[str, str], do: Callable[[], str]
) -> Response:
    """Do a write once, and lead back to the page with what was said of it."""
    answer = done_once(request, sender, fields, do)
    root = request.scope.get("root_path", PREFIX)
    replayed = {"Idempotency-Replayed": "true"} if answer.is_replayed else {}
    return RedirectResponse(
        f"{root}/?said={sealed(answer.said)}",
        status.HTTP_303_SEE_OTHER,
        headers=replayed,
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html"))


def _text(name: str) -> str:
    page = files("ledgerline.orchestration.health_page") / name
    return page.read_text(encoding="utf-8")
