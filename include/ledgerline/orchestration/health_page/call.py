"""A call: by whom, not too often, allowed, from their own page, and a write once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, Form, Header, HTTPException, Request, status

from ledgerline.operations.calls.call import (
    Answer,
    IdempotencyKeyReused,
    OutcomeUnknown,
    Write,
    once,
    seconds_to_wait,
)
from ledgerline.operations.health.repository import note
from ledgerline.orchestration.flows import warehouse
from ledgerline.orchestration.health_page.access import Right, rights
from ledgerline.orchestration.health_page.protection import require_own_page

_KEY = {"max_length": 200, "pattern": r"^[!-~]*$"}
SignedIn = Annotated[BaseUser, Depends(get_user)]
FormKey = Annotated[str, Form(description="Idempotency-Key of a form", **_KEY)]
Key = Annotated[
    str, Header(description="one for each write; a form brings form_key", **_KEY)
]


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sends a write, under which key."""

    person: str
    key: str


def take_call(user: BaseUser, kind: str) -> None:
    """Count a call; answer 429 and when to come again where it is one too many."""
    wait = seconds_to_wait(warehouse(), str(user.get_name()), kind)
    if wait > 0:
        seconds = math.ceil(wait)
        raise HTTPException(
            status.HTTP_429_TOO_MANY_REQUESTS,
            f"too many calls; come again in {seconds} s",
            headers={"Retry-After": str(seconds)},
        )


def require_right(user: BaseUser, right: Right) -> frozenset[Right]:
    """Return what a person may do; refuse who may not do this."""
    may = rights(user)
    if right not in may:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "your role in Airflow does not allow this"
        )
    return may


def sender_with(right: Right) -> Callable[..., Sender]:
    """Return the dependency of a write that needs this right."""

    def sender(
        request: Request,
        user: SignedIn,
        form_token: Annotated[str, Form(min_length=1)],
        form_key: FormKey = "",
        idempotency_key: Key = "",
    ) -> Sender:
        take_call(user, "write")
        require_right(user, right)
        person, key = str(user.get_name()), idempotency_key or form_key
        require_own_page(request, person, form_token)
        if not key:
            raise HTTPException(
                status.HTTP_400_BAD_REQUEST,
                "a write needs an Idempotency-Key; send one, new for each write",
            )
        return Sender(person=person, key=key)

    return sender


def done_once(
    request: Request, sender: Sender, fields: Mapping[str, str], do: Callable[[], str]
) -> Answer:
    """Do a write, or give its first answer; what is sent again is on the audit."""
    path = request.url.path
    write = Write(person=sender.person, key=sender.key, path=path, fields=fields)
    try:
        answer = once(warehouse(), write, do)
    except IdempotencyKeyReused as refused:
        _note(write, refused.code)
        raise HTTPException(422, refused.message) from refused
    except OutcomeUnknown as refused:
        _note(write, refused.code)
        raise HTTPException(status.HTTP_409_CONFLICT, refused.message) from refused
    if answer.is_replayed:
        _note(write, "replayed")
    return answer


def _note(write: Write, outcome: str) -> None:
    note(
        warehouse(),
        subject=write.path,
        action="page_repeat",
        by=write.person,
        outcome=outcome,
    )
