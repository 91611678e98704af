"""The only place where requests speak SQL; the statements are in queries.sql."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row, dict_row

from ledgerline.operations.requests.request import (
    Action,
    Ask,
    Request,
    RequestRefused,
)
from ledgerline.store.engine import Connection
from ledgerline.store.refusal import sentence_of
from ledgerline.store.statements import named


@dataclass(frozen=True, kw_only=True)
class Original:
    """A posted entry that is to be reversed."""

    entry_id: uuid.UUID
    document_kind: str
    facility_code: str
    origin_date: date
    hold_class: str
    payload: Mapping[str, Any]


def insert(connection: Connection, ask: Ask, subjects: Sequence[str]) -> int:
    """Store a request, seal what it covers, and return its number."""
    values = {
        "action": ask.action,
        "reason": ask.reason,
        "erp_document": ask.erp_document,
        "by": ask.by,
    }
    row = connection.execute(_statements()["insert_request"], values).fetchone()
    number = int(row[0]) if row else 0
    covered = {"request_id": number, "subjects": list(subjects)}
    connection.execute(_statements()["insert_subjects"], covered)
    if ask.action is Action.CLOSE_MONTH:
        connection.execute(_statements()["draft_accruals"], covered)
    connection.execute(_statements()["seal"], covered)
    return number


def entries(connection: Connection, action: Action, word: str) -> list[str]:
    """Return the ids of the entries that a word names."""
    found = connection.execute(
        _statements()["entries"], {"action": action, "word": word}
    )
    return [str(row[0]) for row in found]


def find(connection: Connection, number: int | None) -> list[Request]:
    """Return one request, or every open one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _statements()["requests"], {"request_id": number}
        ).fetchall()
    return [
        Request(
            **{
                **row,
                "action": Action(row["action"]),
                "subjects": tuple(row["subjects"] or ()),
            }
        )
        for row in rows
    ]


def described(
    connection: Connection, number: int
) -> list[tuple[str, str, Decimal, str | None, str | None]]:
    """Key, state, USD, ERP document and last error of the entries of a request."""
    return [
        (row[0], row[1], row[2], row[3], row[4])
        for row in connection.execute(
            _statements()["described"], {"request_id": number}
        )
    ]


def accruals(
    connection: Connection, number: int
) -> list[tuple[str, str, str, str, str, Decimal]]:
    """Why, facility, account, cost object and USD of what a close accrues."""
    return [
        (row[0], row[1], row[2], row[3], row[4], row[5])
        for row in connection.execute(_statements()["accruals"], {"request_id": number})
    ]


def decide(connection: Connection, number: int, state: str, by: str) -> None:
    """Decide a request; the database refuses what breaks a rule."""
    connection.execute(
        _statements()["decide"], {"request_id": number, "state": state, "by": by}
    )


def carry_out(connection: Connection, request: Request) -> None:
    """Take the step that a request allowed: replay, waive, override or close."""
    connection.execute(
        _statements()[request.action.value],
        {
            "request_id": request.request_id,
            "subjects": list(request.subjects),
            "erp_document": request.erp_document,
        },
    )


def originals(connection: Connection, subjects: Sequence[str]) -> list[Original]:
    """Return the entries that are to be reversed."""
    with connection.cursor(row_factory=class_row(Original)) as cursor:
        return cursor.execute(
            _statements()["originals"], {"subjects": list(subjects)}
        ).fetchall()


def link_facts(
    connection: Connection, reversal: uuid.UUID, original: uuid.UUID
) -> None:
    """Let a reversal lead to the facts of what it reverses."""
    connection.execute(
        _statements()["link_facts"], {"reversal": reversal, "original": original}
    )


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a rule that the database keeps into one sentence."""
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        raise RequestRefused(
            sentence_of(error) or "give a name and a reason; one of them is empty"
        ) from None
    except psycopg.errors.UniqueViolation:
        raise RequestRefused(
            "the ERP document belongs to another entry, or the entry is reversed; "
            "`ledgerline trace` says which"
        ) from None


def _statements() -> Mapping[str, LiteralString]:
    return named("ledgerline.operations.requests", "queries.sql")
