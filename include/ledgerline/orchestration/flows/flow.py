"""What makes a flow of a function: which errors end a task, and in which words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import psycopg
from airflow.sdk.exceptions import AirflowFailException

from ledgerline.canonical.errors import LedgerlineError, Retriable
from ledgerline.orchestration import connections
from ledgerline.store.refusal import refusal_of

Given = ParamSpec("Given")
Result = TypeVar("Result")


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
            sentence = refusal_of(error)
            if isinstance(sentence, Retriable):
                raise sentence from None
            raise AirflowFailException(str(sentence)) from None

    return told


def warehouse() -> str:
    """The warehouse's DSN as its owner."""
    return connections.require("warehouse").postgres_dsn
