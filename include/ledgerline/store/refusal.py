"""What the database says when it refuses, in words that hold none of its values."""

from __future__ import annotations

import psycopg

from ledgerline.canonical.errors import Fatal, LedgerlineError, SourceUnavailable

_OLDER = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InvalidSchemaName,
)


class DatabaseRefused(Fatal):
    """PostgreSQL refused a statement; its text may hold values and is dropped."""

    code = "DATABASE_REFUSED"


def sentence_of(error: psycopg.errors.CheckViolation) -> str | None:
    """Return the sentence of a rule, which post.refuse raises as `RULE: sentence`.

    None of a check constraint, which has none.
    """
    _, mark, sentence = (error.diag.message_primary or "").partition(": ")
    return sentence if mark else None


def refusal_of(error: psycopg.Error) -> LedgerlineError:
    """Return the error to tell: what happened and what to do, and no row's values."""
    if isinstance(error, psycopg.errors.DiskFull):
        return DatabaseRefused("the disk of the warehouse is full; free space, re-run")
    if isinstance(error, psycopg.OperationalError):
        return SourceUnavailable(
            "the warehouse database stopped answering; start it and run again, "
            "nothing is half-written"
        )
    refused = f"{type(error).__name__} (SQLSTATE {error.sqlstate})"
    if isinstance(error, _OLDER):
        return DatabaseRefused(
            f"the warehouse has not what this release asks for: {refused}; bring it to "
            "this release with `ledgerline prepare`, or run the chain first"
        )
    return DatabaseRefused(
        f"PostgreSQL refused a statement: {refused}; see the server's log"
    )
