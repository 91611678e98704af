"""Statements of the workers: every write holds only under its fence and state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from psycopg.rows import DictRow, dict_row

from ledgerline.canonical.errors import Fatal
from ledgerline.posting.document import content_sha256, from_payload
from ledgerline.posting.port import Policy
from ledgerline.posting.protocol import State, Transition, Work
from ledgerline.store.engine import Connection


class PayloadChanged(Fatal):
    """An entry's payload does not have the hash it was proposed with."""

    code = "PAYLOAD_CHANGED"


_RETURNING = """
    returning entry_id, natural_key, fence, state, attempts, forgiven_attempts,
        payload, payload_sha256,
        coalesce(extract(epoch from clock_timestamp() - (
            select min(attempt.started_at) from post.attempt as attempt
            where attempt.entry_id = entry.entry_id
                and attempt.started_at > coalesce(entry.replayed_at, '-infinity')
        )), 0)::double precision as age_seconds
"""
_WORK = """
    select entry_id, natural_key, fence, state, attempts, forgiven_attempts,
        payload, payload_sha256,
        0::double precision as age_seconds
    from post.entry as entry
"""


def policy(connection: Connection, adapter: str, default: Policy) -> Policy:
    """The times and limits for this adapter: the default, changed by its row."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select * from post.erp_policy where adapter = %s", [adapter]
        ).fetchone()
    if row is None:
        return default
    del row["adapter"], row["fallback_adapter"]
    if row["backoff_seconds"] is None:
        del row["backoff_seconds"]
    return replace(default, **row)


def take_expired(connection: Connection) -> Work | None:
    """An entry whose lease ran out. Nothing is written: the step follows by fence."""
    return _one(
        connection,
        f"""
        {_WORK}
        where state in ('CLAIMED', 'SENDING') and lease_until <= clock_timestamp()
        order by lease_until limit 1
        """,
        {},
    )


def take_spent(connection: Connection, policy: Policy) -> Work | None:
    """A READY entry that was tried too often or for too long."""
    return _one(
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
) -> Work | None:
    """Take an in-doubt entry after its quiet time; others leave it for `pause`.

    It is asked after where it was sent, and nowhere else.
    """
    return _one(
        connection,
        f"""
        update post.entry as entry
        set fence = fence + 1, worker = %(worker)s,
            next_at = clock_timestamp() + %(pause)s * interval '1 second'
        where state = 'UNKNOWN' and entry_id = (
            select entry_id from post.entry
            where state = 'UNKNOWN' and next_at <= clock_timestamp()
                and quiet_until <= clock_timestamp()
                and post.may_go(entry_id, %(adapter)s)
            order by next_at limit 1 for update skip locked
        )
        {_RETURNING}
        """,  # noqa: S608
        {"adapter": adapter, "worker": worker, "pause": pause},
    )


def take_ready(
    connection: Connection, adapter: str, worker: str, lease: float
) -> Work | None:
    """Claim the next entry of this way with nothing unsettled before it in its key."""
    return _one(
        connection,
        f"""
        update post.entry as entry
        set state = 'CLAIMED', fence = fence + 1, worker = %(worker)s,
            lease_until = clock_timestamp() + %(lease)s * interval '1 second'
        where state = 'READY' and entry_id = (
            select entry_id from post.entry
            where state = 'READY' and next_at <= clock_timestamp()
                and not post.is_blocked(order_key, order_sequence)
                and post.is_sent_by(entry_id, %(adapter)s)
            order by order_sequence limit 1 for update skip locked
        )
        {_RETURNING}
        """,  # noqa: S608
        {"adapter": adapter, "worker": worker, "lease": lease},
    )


def _one(
    connection: Connection,
    statement: str,
    values: dict[str, Any],
) -> Work | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement.encode(), values).fetchone()
    return None if row is None else _work(row)


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


def write_ahead(
    connection: Connection, work: Work, adapter: str, worker: str, quiet_seconds: float
) -> bool:
    """Commit the attempt and SENDING before the call; False when fenced out."""
    key = {"entry_id": work.entry_id, "fence": work.fence, "number": work.attempts + 1}
    with connection.transaction():
        held = connection.execute(
            """
            select from post.entry
            where entry_id = %(entry_id)s and fence = %(fence)s and state = 'CLAIMED'
                and lease_until > clock_timestamp()
            for update
            """,
            key,
        ).fetchone()
        if held is None:
            return False
        connection.execute(
            """
            insert into post.attempt (
                entry_id, attempt_number, fence, adapter, worker, quiet_time
            ) values (
                %(entry_id)s, %(number)s, %(fence)s, %(adapter)s, %(worker)s,
                %(quiet)s * interval '1 second'
            )
            """,
            {**key, "adapter": adapter, "worker": worker, "quiet": quiet_seconds},
        )
        connection.execute(
            """
            update post.entry set state = 'SENDING', attempts = %(number)s
            where entry_id = %(entry_id)s and fence = %(fence)s and state = 'CLAIMED'
            """,
            key,
        )
    return True


def move(
    connection: Connection, work: Work, source: State, transition: Transition
) -> bool:
    """Write a transition, and with POSTED its ledger row; False when fenced out."""
    values = {
        "entry_id": work.entry_id,
        "fence": work.fence,
        "source": source,
        "state": transition.state,
        "delay": transition.delay_seconds,
        "erp_document": transition.erp_document,
        "status": transition.status,
        "error_code": transition.error_code,
    }
    with connection.transaction():
        moved = connection.execute(
            """
            update post.entry
            set state = %(state)s, erp_document = %(erp_document)s,
                next_at = clock_timestamp() + %(delay)s * interval '1 second',
                last_status = %(status)s, last_error_code = %(error_code)s,
                posted_at = case when %(state)s = 'POSTED' then clock_timestamp() end
            where entry_id = %(entry_id)s and fence = %(fence)s and state = %(source)s
            """,
            values,
        ).rowcount
        if moved and transition.state is State.POSTED:
            insert_ledger(connection, work, str(transition.erp_document))
    return bool(moved)


def postpone(connection: Connection, work: Work, transition: Transition) -> None:
    """Leave an entry in doubt and look again later."""
    connection.execute(
        """
        update post.entry
        set next_at = clock_timestamp() + %(delay)s * interval '1 second',
            last_error_code = %(error_code)s
        where entry_id = %(entry_id)s and fence = %(fence)s and state = 'UNKNOWN'
        """,
        {
            "entry_id": work.entry_id,
            "fence": work.fence,
            "delay": transition.delay_seconds,
            "error_code": transition.error_code,
        },
    )


def insert_ledger(connection: Connection, work: Work, erp_document: str) -> None:
    """Write the ledger row that belongs to a POSTED entry."""
    connection.execute(
        """
        insert into post.ledger (entry_id, document_type, erp_document, amount_cents)
        values (%s, %s, %s, %s)
        """,
        [
            work.entry_id,
            work.document.document_type,
            erp_document,
            work.document.total_cents,
        ],
    )


def seconds_to_next(connection: Connection, adapter: str) -> float | None:
    """Seconds until an entry can be taken; None when there is none to wait for."""
    row = connection.execute(
        """
        select extract(epoch from min(case
            when state in ('CLAIMED', 'SENDING') then lease_until
            when state = 'UNKNOWN' then greatest(next_at, quiet_until)
            else greatest(next_at, (
                select until from post.erp_breaker
                where adapter = %(adapter)s and position <> 'closed'
            ))
        end) - clock_timestamp())::double precision
        from post.entry
        where state in ('CLAIMED', 'SENDING')
            or (state = 'UNKNOWN' and post.may_go(entry_id, %(adapter)s))
            or (
                state = 'READY' and not post.is_blocked(order_key, order_sequence)
                and post.is_sent_by(entry_id, %(adapter)s)
            )
        """,
        {"adapter": adapter},
    ).fetchone()
    return None if row is None or row[0] is None else max(float(row[0]), 0.0)


def count_by_state(connection: Connection) -> dict[State, int]:
    """How many entries are in each state now."""
    rows = connection.execute("select state, count(*) from post.entry group by state")
    return {State(state): count for state, count in rows}
