"""What makes a flow of a function: which errors end a task, and in which words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import psycopg
from airflow.sdk.exceptions import AirflowFailException

from ledgerline.canonical.errors import (
    Fatal,
    LedgerlineError,
    Retriable,
    SourceUnavailable,
)
from ledgerline.orchestration import connections

Given = ParamSpec("Given")
Result = TypeVar("Result")


class DatabaseRefused(Fatal):
    """PostgreSQL refused a statement; its text may hold values and is dropped."""

    code = "DATABASE_REFUSED"


def _sentence(error: psycopg.Error) -> LedgerlineError:
    if isinstance(error, psycopg.errors.DiskFull):
        return DatabaseRefused("the disk of the warehouse is full; free space, re-run")
    if isinstance(error, psycopg.OperationalError):
        return SourceUnavailable(
            "the warehouse database stopped answering; start it and run again, "
            "nothing is half-written"
        )
    return DatabaseRefused(
        f"PostgreSQL refused a statement: {type(error).__name__} "
        f"(SQLSTATE {error.sqlstate}); see the server's log"
    )


def flow(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Fail at once on errors that a retry cannot mend; never let values out."""

    @functools.wraps(function)
    def told(*arguments: Given.args, **options: Given.kwargs) -> Result:
        try:
            return function(*arguments, **options)
        except Retriable:
            raise
        except LedgerlineError as error:
            raise AirflowFailException(str(error)) from None
        except psycopg.Error as error:
            sentence = _sentence(error)
            if isinstance(sentence, Retriable):
                raise sentence from None
            raise AirflowFailException(str(sentence)) from None

    return told


def warehouse() -> str:
    """The warehouse's DSN as its owner."""
    return connections.require("warehouse").postgres_dsn
