"""Statements of the breaker: one row an ERP, shared by all its workers."""

from __future__ import annotations

from ledgerline.posting.port import Policy
from ledgerline.posting.route.breaker import Breaker, Position, after_call
from ledgerline.store.engine import Connection


def lock(connection: Connection, adapter: str) -> tuple[Breaker, float]:
    """The breaker, held to the end of the transaction, and the database's time."""
    connection.execute(
        "insert into post.erp_breaker (adapter) values (%s) on conflict do nothing",
        [adapter],
    )
    connection.execute(
        "select from post.erp_breaker where adapter = %s for update", [adapter]
    )
    return look(connection, adapter)


def look(connection: Connection, adapter: str) -> tuple[Breaker, float]:
    """The breaker as it is now, and the database's time."""
    row = connection.execute(
        """
        select position, failures, extract(epoch from until)::double precision,
            extract(epoch from clock_timestamp())::double precision
        from post.erp_breaker where adapter = %s
        """,
        [adapter],
    ).fetchone()
    if row is None:
        return Breaker(), 0.0
    position, failures, until, now = row
    found = Breaker(position=Position(position), failures=failures, until=until)
    return found, now


def save(connection: Connection, adapter: str, breaker: Breaker) -> None:
    """Write the breaker; the database records its step."""
    connection.execute(
        """
        update post.erp_breaker
        set position = %s, failures = %s, until = to_timestamp(%s)
        where adapter = %s
        """,
        [breaker.position, breaker.failures, breaker.until, adapter],
    )


def note_call(
    connection: Connection, adapter: str, policy: Policy, *, is_failure: bool
) -> None:
    """Let the breaker know how a call ended."""
    seen, _ = look(connection, adapter)
    if not is_failure and seen == Breaker():
        return
    with connection.transaction():
        found, now = lock(connection, adapter)
        left = after_call(found, now, policy, is_failure=is_failure)
        save(connection, adapter, left)


def fallback_of(connection: Connection, adapter: str) -> str | None:
    """The adapter that is another way into the same ERP."""
    row = connection.execute(
        "select fallback_adapter from post.erp_policy where adapter = %s", [adapter]
    ).fetchone()
    return row[0] if row else None
