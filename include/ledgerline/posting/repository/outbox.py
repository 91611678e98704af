"""Statements of the workers: every write holds only under its fence and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from psycopg.rows import dict_row

from ledgerline.posting.command import State, Step, Work
from ledgerline.posting.port import Policy
from ledgerline.posting.repository.claims import SENT_THIS_WAY
from ledgerline.store.engine import Connection

_WANTED = """
    unnest(%(entry_ids)s::uuid[], %(fences)s::bigint[], %(numbers)s::integer[])
        as wanted (entry_id, fence, number)
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


def plan_once(connection: Connection) -> None:
    """Plan each statement once: a worker's few come again and again, for few rows."""
    connection.execute("set plan_cache_mode = force_generic_plan")


_HELD = f"""
    select entry.entry_id from post.entry as entry
    inner join {_WANTED} using (entry_id)
    where entry.fence = wanted.fence and entry.state = 'CLAIMED'
        and entry.lease_until > clock_timestamp()
    for update of entry
"""  # noqa: S608
_ATTEMPTED = f"""
    insert into post.attempt (
        entry_id, attempt_number, fence, adapter, worker, quiet_time
    )
    select entry_id, number, fence, %(adapter)s, %(worker)s,
        %(quiet)s * interval '1 second'
    from {_WANTED}
    where entry_id = any(%(held)s)
"""  # noqa: S608
_SENDING = f"""
    update post.entry as entry
    set state = 'SENDING', attempts = wanted.number
    from {_WANTED}
    where entry.entry_id = wanted.entry_id and entry.entry_id = any(%(held)s)
        and entry.fence = wanted.fence and entry.state = 'CLAIMED'
"""  # noqa: S608


def write_ahead(
    connection: Connection,
    batch: Sequence[Work],
    adapter: str,
    worker: str,
    quiet_seconds: float,
) -> set[UUID]:
    """Commit the attempts and SENDING before any call; tell which were not fenced out.

    An attempt is numbered by what its worker saw, not by what the row says by now.
    """
    values: dict[str, object] = {
        "entry_ids": [work.entry_id for work in batch],
        "fences": [work.fence for work in batch],
        "numbers": [work.attempts + 1 for work in batch],
        "adapter": adapter,
        "worker": worker,
        "quiet": quiet_seconds,
    }
    with connection.transaction():
        found = connection.execute(_HELD.encode(), values).fetchall()
        held = [entry_id for (entry_id,) in found]
        if held:
            values["held"] = held
            connection.execute(_ATTEMPTED.encode(), values)
            connection.execute(_SENDING.encode(), values)
    return set(held)


_MOVED = """
    update post.entry as entry
    set state = step.state, erp_document = step.erp_document,
        next_at = clock_timestamp() + step.delay * interval '1 second',
        last_status = step.status, last_error_code = step.error_code,
        posted_at = case when step.state = 'POSTED' then clock_timestamp() end
    from unnest(
        %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::float8[],
        %s::text[], %s::integer[], %s::text[]
    ) as step (
        entry_id, fence, source, state, delay, erp_document, status, error_code
    )
    where entry.entry_id = step.entry_id and entry.fence = step.fence
        and entry.state = step.source
    returning entry.entry_id
"""


def move(connection: Connection, steps: Sequence[Step]) -> set[UUID]:
    """Write steps, and with POSTED a ledger row; tell which were not fenced out."""
    outcomes = [step.transition for step in steps]
    with connection.transaction():
        found = connection.execute(
            _MOVED,
            [
                [step.work.entry_id for step in steps],
                [step.work.fence for step in steps],
                [step.source.value for step in steps],
                [outcome.state.value for outcome in outcomes],
                [outcome.delay_seconds for outcome in outcomes],
                [outcome.erp_document for outcome in outcomes],
                [outcome.status for outcome in outcomes],
                [outcome.error_code for outcome in outcomes],
            ],
        ).fetchall()
        moved = {entry_id for (entry_id,) in found}
        insert_ledger(
            connection,
            [
                step
                for step in steps
                if step.work.entry_id in moved and step.transition.state is State.POSTED
            ],
        )
    return moved


def postpone(connection: Connection, step: Step) -> None:
    """Leave an entry in doubt and look again later."""
    connection.execute(
        """
        update post.entry
        set next_at = clock_timestamp() + %(delay)s * interval '1 second',
            last_error_code = %(error_code)s
        where entry_id = %(entry_id)s and fence = %(fence)s and state = 'UNKNOWN'
        """,
        {
            "entry_id": step.work.entry_id,
            "fence": step.work.fence,
            "delay": step.transition.delay_seconds,
            "error_code": step.transition.error_code,
        },
    )


def insert_ledger(connection: Connection, posted: Sequence[Step]) -> None:
    """Write the ledger rows that belong to POSTED entries."""
    if not posted:
        return
    connection.execute(
        """
        insert into post.ledger (entry_id, document_type, erp_document, amount_cents)
        select * from unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[])
        """,
        [
            [step.work.entry_id for step in posted],
            [step.work.document.document_type for step in posted],
            [step.transition.erp_document for step in posted],
            [step.work.document.total_cents for step in posted],
        ],
    )


def seconds_to_next(connection: Connection, adapter: str) -> float | None:
    """Seconds until an entry can be taken; None when there is none to wait for."""
    row = connection.execute(
        f"""
        select extract(epoch from min(due) - clock_timestamp())::double precision
        from (
            select min(lease_until) as due
            from post.entry where state in ('CLAIMED', 'SENDING')
            union all
            select min(greatest(next_at, quiet_until))
            from post.entry
            where state = 'UNKNOWN' and post.may_go(entry_id, %(adapter)s)
            union all
            select greatest(ready.next_at, (
                select until from post.erp_breaker
                where adapter = %(adapter)s and position <> 'closed'
            ))
            from (
                select next_at from post.next_entry
                where {SENT_THIS_WAY}
                order by next_at limit 1
            ) as ready
        ) as waiting
        """,  # noqa: S608
        {"adapter": adapter},
    ).fetchone()
    return None if row is None or row[0] is None else max(float(row[0]), 0.0)


def count_by_state(connection: Connection) -> dict[State, int]:
    """How many entries are in each state now."""
    rows = connection.execute("select state, count(*) from post.entry group by state")
    return {State(state): count for state, count in rows}
