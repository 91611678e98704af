"""Statements by which a worker takes entries into its hands, each under a fence."""

from __future__ import annotations

from typing import Any

from psycopg.rows import DictRow, dict_row

from ledgerline.canonical.errors import Fatal
from ledgerline.posting.command import State, Work
from ledgerline.posting.document import content_sha256, from_payload
from ledgerline.posting.port import Policy
from ledgerline.store.engine import Connection


class PayloadChanged(Fatal):
    """An entry's payload does not have the hash it was proposed with."""

    code = "PAYLOAD_CHANGED"


_RETURNING = """
    returning entry_id, natural_key, fence, state, attempts, forgiven_attempts,
        payload, payload_sha256, order_sequence,
        coalesce(extract(epoch from clock_timestamp() - (
            select min(attempt.started_at) from post.attempt as attempt
            where attempt.entry_id = entry.entry_id
                and attempt.started_at > coalesce(entry.replayed_at, '-infinity')
        )), 0)::double precision as age_seconds
"""
_WORK = """
    select entry_id, natural_key, fence, state, attempts, forgiven_attempts,
        payload, payload_sha256, order_sequence,
        0::double precision as age_seconds
    from post.entry as entry
"""
SENT_THIS_WAY = """(
    attempts = 0 and (select not post.is_fallback(%(adapter)s))
    or post.is_sent_by(entry_id, %(adapter)s)
)"""
"""What was never sent goes the first way; of the rest each is asked for."""


def take_expired(connection: Connection) -> list[Work]:
    """An entry whose lease ran out. Nothing is written: the step follows by fence.

    By the statement's time, which an index can be asked for; the clock's it cannot.
    """
    return _taken(
        connection,
        f"""
        {_WORK}
        where state in ('CLAIMED', 'SENDING') and lease_until <= statement_timestamp()
        order by lease_until limit 1
        """,
        {},
    )


def take_spent(connection: Connection, policy: Policy) -> list[Work]:
    """A READY entry that was tried too often or for too long."""
    return _taken(
        connection,
        f"""
        {_WORK}
        where state = 'READY' and attempts > forgiven_attempts and (
            attempts - forgiven_attempts >= %(limit)s or exists (
                select from post.attempt as attempt
                where attempt.entry_id = entry.entry_id
                    and attempt.started_at > coalesce(entry.replayed_at, '-infinity')
                    and attempt.started_at
                    < clock_timestamp() - %(age)s * interval '1 second'
            )
        )
        order by order_sequence limit 1
        """,
        {"limit": policy.attempt_limit, "age": policy.age_limit_seconds},
    )


def take_unknown(
    connection: Connection, adapter: str, worker: str, pause: float
) -> list[Work]:
    """Take an in-doubt entry after its quiet time; others leave it for `pause`.

    It is asked after where it was sent, and nowhere else.
    """
    return _taken(
        connection,
        f"""
        update post.entry as entry
        set fence = fence + 1, worker = %(worker)s,
            next_at = clock_timestamp() + %(pause)s * interval '1 second'
        where state = 'UNKNOWN' and entry_id = (
            select entry_id from post.entry
            where state = 'UNKNOWN' and next_at <= statement_timestamp()
                and quiet_until <= clock_timestamp()
                and post.may_go(entry_id, %(adapter)s)
            order by next_at limit 1 for update skip locked
        )
        {_RETURNING}
        """,  # noqa: S608
        {"adapter": adapter, "worker": worker, "pause": pause},
    )


def take_ready(
    connection: Connection, adapter: str, worker: str, lease: float, limit: int
) -> list[Work]:
    """Claim what is next on this way, with nothing unsettled before it in its key."""
    return _taken(
        connection,
        f"""
        update post.entry as entry
        set state = 'CLAIMED', fence = fence + 1, worker = %(worker)s,
            lease_until = clock_timestamp() + %(lease)s * interval '1 second'
        where state = 'READY' and entry_id = any(array(
            select entry_id from post.next_entry
            where next_at <= clock_timestamp() and {SENT_THIS_WAY}
            order by order_sequence limit %(limit)s for update skip locked
        ))
        {_RETURNING}
        """,  # noqa: S608
        {"adapter": adapter, "worker": worker, "lease": lease, "limit": limit},
    )


def _taken(
    connection: Connection,
    statement: str,
    values: dict[str, Any],
) -> list[Work]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(statement.encode(), values).fetchall()
    return [_work(row) for row in sorted(found, key=lambda row: row["order_sequence"])]


def _work(row: DictRow) -> Work:
    document = from_payload(row["payload"])
    if content_sha256(document) != row["payload_sha256"]:
        raise PayloadChanged(
            f"the payload of {row['natural_key']} is not what was proposed; "
            "verify the audit chain before anything is sent"
        )
    return Work(
        entry_id=row["entry_id"],
        fence=row["fence"],
        state=State(row["state"]),
        attempts=row["attempts"],
        forgiven=row["forgiven_attempts"],
        lease_until=0.0,
        age_seconds=row["age_seconds"],
        content_sha256=row["payload_sha256"],
        document=document,
    )
