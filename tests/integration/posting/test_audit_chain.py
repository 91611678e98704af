"""The audit chain has one order, one head, and no event that can go unseen."""

import threading

import psycopg
import pytest

from tests.integration.posting.warehouse import rows

pytestmark = pytest.mark.integration

APPEND = "select audit.append('test', %s, 'noted', '{}')"
HEAD = """
select head.event_id, head.event_hash = newest.event_hash
from audit.chain_head as head
cross join lateral (
    select event_hash from audit.event order by event_id desc limit 1
) as newest
"""
MOVES = """
select n_tup_upd from pg_stat_user_tables
where schemaname = 'audit' and relname = 'chain_head'
"""


def append(connection, *subjects):
    for subject in subjects:
        connection.execute(APPEND, [subject])


def moves(dsn):
    [(count,)] = rows(dsn, MOVES)
    return count


def subjects(dsn):
    events = rows(dsn, "select event_id, subject_id from audit.event order by 1")
    assert [event_id for event_id, _ in events] == [*range(1, len(events) + 1)]
    assert rows(dsn, HEAD) == [(len(events), True)]
    assert rows(dsn, "select * from audit.broken_event()") == []
    return [subject for _, subject in events]


def test_a_transaction_of_many_events_moves_the_head_once(dsn):
    before = moves(dsn)
    with psycopg.connect(dsn) as connection:
        append(connection, *map(str, range(200)))
        connection.execute("select pg_stat_force_next_flush()")
    assert subjects(dsn) == [*map(str, range(200))]
    assert moves(dsn) == before + 1


def test_what_is_rolled_back_leaves_no_gap(dsn):
    with psycopg.connect(dsn) as connection:
        append(connection, "first")
        with connection.transaction(force_rollback=True):
            append(connection, "never", "neither")
        append(connection, "second")
    with psycopg.connect(dsn) as connection:
        append(connection, "nor this")
        connection.rollback()
        append(connection, "third")
    assert subjects(dsn) == ["first", "second", "third"]


def test_events_of_two_transactions_do_not_mix(dsn):
    with psycopg.connect(dsn) as one:
        append(one, "one")
        other = threading.Thread(target=_append_alone, args=(dsn, "other"))
        other.start()
        append(one, "one", "one")
    other.join(30)
    assert subjects(dsn) == [*["one"] * 3, "other"]


def _append_alone(dsn, subject):
    with psycopg.connect(dsn) as connection:
        append(connection, subject, subject)
        connection.rollback()
        append(connection, subject)


def test_an_old_snapshot_cannot_fork_the_chain(dsn):
    with psycopg.connect(dsn) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select count(*) from audit.event")
        _append_alone(dsn, "newer")
        with pytest.raises(psycopg.errors.SerializationFailure):
            append(old, "older")
        old.rollback()
    assert subjects(dsn) == ["newer"]


@pytest.mark.parametrize(
    "tampering",
    [
        "delete from audit.event where event_id = 3",
        "delete from audit.event where event_id in (2, 3)",
        "update audit.event set event_hash = sha256('x') where event_id = 3",
    ],
)
def test_what_was_newest_is_missed_after_later_events_too(dsn, tampering):
    with psycopg.connect(dsn) as connection:
        append(connection, "a", "b", "c")
    with psycopg.connect(dsn) as connection:
        connection.execute("alter table audit.event disable trigger user")
        connection.execute(tampering)
        connection.execute("alter table audit.event enable trigger user")
    for subject in "de":
        assert rows(dsn, "select * from audit.broken_event()")
        _append_alone(dsn, subject)
    assert rows(dsn, "select * from audit.broken_event()")
