"""What is audited cannot be edited unseen; the poster's role can drain, no more."""

import psycopg
import pytest
from psycopg import errors

from ledgerline.posting import drain, propose, release
from ledgerline.store.roles import set_passwords
from tests.integration.posting.entry_steps import force
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import journal, publish, rows

pytestmark = pytest.mark.integration


def poster_of(dsn):
    """The warehouse as the poster's role reaches it."""
    set_passwords(dsn, {"poster": "poster-test"})
    return psycopg.conninfo.make_conninfo(
        dsn, user="ledgerline_poster", password="poster-test"
    )


def test_the_audit_chain_finds_an_edit_and_a_deletion(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")])
    with running(Erp()) as port:
        post(dsn, port)
    assert rows(dsn, "select * from audit.broken_event()") == []
    steps = rows(
        dsn,
        "select array_agg(action order by event_id) from audit.event "
        "group by subject_id",
    )
    path = [
        *("new -> HELD", "HELD -> READY", "READY -> CLAIMED"),
        *("CLAIMED -> SENDING", "SENDING -> POSTED"),
    ]
    assert steps == [(path,), (path,)]
    for tampering in (
        "update audit.event set detail = '{}' where event_id = 3",
        "delete from audit.event where event_id = 4",
        "delete from audit.event where event_id = 10",
    ):
        with psycopg.connect(dsn) as connection:
            connection.execute("alter table audit.event disable trigger user")
            connection.execute(tampering)
            broken = connection.execute("select * from audit.broken_event()").fetchall()
            assert broken, tampering
            connection.rollback()


def test_each_step_of_an_entry_is_chained_with_what_came_of_it(dsn):
    publish(dsn, journal("1.00"))
    with running(Erp()) as port:
        post(dsn, port)
    [(key, document)] = rows(dsn, "select natural_key, erp_document from post.entry")
    told = [
        detail
        for (detail,) in rows(
            dsn,
            "select detail from audit.event where subject = 'post.entry' "
            "and action not like 'new%%' order by event_id",
        )
    ]
    [worker] = {step["worker"] for step in told[1:]}
    sent = {"natural_key": key, "fence": 1, "worker": worker}
    assert told == [
        {"natural_key": key, "fence": 0, "attempts": 0},
        {**sent, "attempts": 0},
        {**sent, "attempts": 1},
        {**sent, "attempts": 1, "erp_document": document},
    ]


def test_the_poster_can_drain_and_nothing_more(dsn):
    publish(dsn, journal("1.00"))
    propose(dsn)
    release(dsn)
    poster = poster_of(dsn)
    with running(Erp()) as port:
        assert drain(poster, StubPort(port), POLICY).posted == 1
    for statement in (
        "insert into ops.gate_decision default values",
        "insert into ops.publication default values",
        "update ops.publication set verdict = 'PASS'",
        "update post.entry set payload = '{}'",
        "insert into post.entry default values",
        "insert into post.entry_line default values",
        "insert into post.transition values ('HELD', 'POSTED', 'me')",
        "select audit.append('x', 'x', 'x', '{}')",
        "insert into audit.event default values",
        "select * from raw_ehr.record",
        "select * from conformed.fct_encounter",
    ):
        with (
            psycopg.connect(poster) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


@pytest.mark.parametrize("state", ["DEAD", "CONFLICT"])
def test_the_poster_wakes_no_entry_that_people_decide_about(dsn, state):
    publish(dsn, journal("1.00"))
    propose(dsn)
    with psycopg.connect(dsn) as connection:
        force(connection, state)
    poster = poster_of(dsn)
    with (
        psycopg.connect(poster) as connection,
        pytest.raises(errors.CheckViolation, match="ENTRY_REPLAY"),
    ):
        connection.execute("update post.entry set state = 'UNKNOWN'")
