"""The queries behind the pace of calls and the answers to writes."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.rows import class_row, scalar_row

from ledgerline.store.engine import Connection

_TAKE = "select ops.take_call(%(person)s, %(kind)s)"
_LOCK = """
select pg_advisory_lock(hashtextextended(%(person)s || chr(10) || %(key)s, 535))
"""
_FORGET = """
delete from ops.call_answer
where person = %(person)s and begun_at < clock_timestamp() - (
    select keep from ops.retention_policy where what = 'call answers'
)
"""
_BEGIN = """
insert into ops.call_answer (person, key, fingerprint)
values (%(person)s, %(key)s, %(fingerprint)s)
on conflict do nothing
returning fingerprint
"""
_FIND = """
select fingerprint, answer
from ops.call_answer
where person = %(person)s and key = %(key)s
"""
_ANSWER = """
update ops.call_answer
set answer = %(answer)s, answered_at = clock_timestamp()
where person = %(person)s and key = %(key)s
"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A write that was sent under a key: its hash, its answer if it has one."""

    fingerprint: str
    answer: str | None


def take(connection: Connection, person: str, kind: str) -> float:
    """Count a call; return the seconds to wait when there is none left, else 0."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        cursor.execute(_TAKE, {"person": person, "kind": kind})
        return float(cursor.fetchone() or 0.0)


def lock(connection: Connection, person: str, key: str) -> None:
    """Wait until no other worker writes under this key; ends with the connection."""
    connection.execute(_LOCK, {"person": person, "key": key})


def begin(
    connection: Connection, person: str, key: str, fingerprint: str
) -> Known | None:
    """Note that a write begins; return what is known where one has begun before."""
    named = {"person": person, "key": key, "fingerprint": fingerprint}
    connection.execute(_FORGET, named)
    if connection.execute(_BEGIN, named).fetchone():
        return None
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(_FIND, named).fetchone()


def keep(connection: Connection, person: str, key: str, answer: str) -> None:
    """Keep the first answer to a write."""
    connection.execute(_ANSWER, {"person": person, "key": key, "answer": answer})
