"""The only place where the inbox speaks SQL; the statements are in inbox.sql."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow

from ledgerline.canonical.errors import ConfigurationInvalid, SourceUnavailable
from ledgerline.connectors.mllp.receipt import Received
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named

_SETTINGS = " ".join(
    f"-c {setting}"
    for setting in (
        "timezone=UTC",
        "synchronous_commit=on",
        "plan_cache_mode=force_generic_plan",  # one statement: planned once
        "enable_seqscan=off",  # by the key's index, however small the inbox was then
    )
)


async def connect(dsn: str) -> psycopg.AsyncConnection[TupleRow]:
    """Open a connection on which a commit that returned is on disk."""
    return await psycopg.AsyncConnection.connect(
        dsn,
        autocommit=True,
        connect_timeout=5,
        options=_SETTINGS,
        application_name="ledgerline_listener",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )


async def require(dsn: str) -> None:
    """Raise ConfigurationInvalid unless the warehouse has an inbox for this role.

    Raises SourceUnavailable when the warehouse does not answer.
    """
    try:
        async with await connect(dsn) as connection:
            await connection.execute("select message_id from raw_ehr.inbox limit 0")
    except psycopg.OperationalError as error:
        raise SourceUnavailable(
            "the warehouse does not answer the HL7 listener; nothing is acknowledged "
            "until it does"
        ) from error
    except psycopg.Error as error:
        raise ConfigurationInvalid(
            "the warehouse has no inbox for the HL7 listener; run `ledgerline prepare`"
        ) from error


async def store(
    connection: psycopg.AsyncConnection[TupleRow],
    messages: Sequence[Received],
    digests: Sequence[bytes],
) -> list[tuple[bool, bytes | None]]:
    """Commit messages in one transaction.

    Returns for each whether it is new, and the sha256 of the content that its control
    id came with in an earlier transaction, if any.
    """
    cursor = await connection.execute(
        _statement("store"),
        {
            "senders": [message.sender for message in messages],
            "control_ids": [message.control_id for message in messages],
            "digests": list(digests),
            "peers": [message.peer for message in messages],
            "contents": [message.content for message in messages],
        },
        binary=True,
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


def digest(message: Received) -> bytes:
    """Return the sha256 of a message's bytes."""
    return hashlib.sha256(message.content).digest()


def newest(connection: Connection) -> int:
    """Return the highest id of a message that waits; 0 when none does."""
    row = connection.execute(_statement("newest")).fetchone()
    return int(row[0] or 0) if row else 0


def waiting(
    connection: Connection, up_to: int, messages: int, size_bytes: int
) -> list[int]:
    """Return the ids of the oldest messages that wait, at least one if any does."""
    rows = connection.execute(
        _statement("waiting"),
        {"newest": up_to, "messages": messages, "bytes": size_bytes},
    ).fetchall()
    return [row[0] for row in rows]


def are_waiting(connection: Connection, message_ids: Sequence[int]) -> bool:
    """Tell whether these messages are not landed yet."""
    return bool(contents(connection, message_ids[:1]))


def contents(connection: Connection, message_ids: Sequence[int]) -> list[bytes]:
    """Return the bytes of these messages, as far as they wait, in order."""
    rows = connection.execute(
        _statement("contents"), {"message_ids": list(message_ids)}, binary=True
    ).fetchall()
    return [row[0] for row in rows]


def mark_landed(connection: Connection, name: str, message_ids: Sequence[int]) -> None:
    """Drop the bytes of messages that the file of this name holds."""
    connection.execute(
        _statement("mark_landed"), {"name": name, "message_ids": list(message_ids)}
    )


def _statement(name: str) -> LiteralString:
    return named(__package__, "inbox.sql")[name]
