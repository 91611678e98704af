"""A worker sends several entries on one claim; each keeps its own fence and outcome."""

import signal
from dataclasses import replace

import psycopg
import pytest
from psycopg import errors

from ledgerline.posting import drain, propose, release
from ledgerline.posting.command import State, Step, Transition
from ledgerline.posting.repository import claims, outbox, planning
from tests.integration.posting.people import behind_the_rules
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.test_posting_faults import (
    assert_exactly_once,
    run_until_killed,
)
from tests.integration.posting.warehouse import journal, publish, rows, states

pytestmark = pytest.mark.integration


@pytest.fixture
def six(dsn):
    """Six entries that may be sent at once."""
    lines = [line for number in range(6) for line in journal("5.00", f"F{number}")]
    publish(dsn, lines)
    propose(dsn)
    release(dsn)
    return dsn


def attempts(dsn):
    return rows(
        dsn,
        "select state, attempts - forgiven_attempts, "
        "(select string_agg(error_code, ' ' order by attempt_number) "
        "from post.attempt where attempt.entry_id = entry.entry_id) "
        "from post.entry order by order_sequence",
    )


def test_a_claim_takes_what_may_go_in_order_and_one_of_a_key(six):
    lines = [line for number in range(6) for line in journal("7.00", f"F{number}")]
    publish(six, lines)
    propose(six)
    release(six)
    with planning.connection(six) as connection:
        taken = claims.take_ready(connection, "stub", "w", 60, 4)
        rest = claims.take_ready(connection, "stub", "other", 60, 9)
        assert claims.take_ready(connection, "stub", "third", 60, 9) == []
    named = [work.document.reference.split("|")[2] for work in (*taken, *rest)]
    assert named == [f"F{number}" for number in range(6)]
    assert {work.document.reference[-2:] for work in (*taken, *rest)} == {"v1"}
    assert states(six) == {"CLAIMED": 6, "READY": 6}


def test_each_entry_of_a_batch_is_written_under_its_own_fence(six):
    with planning.connection(six) as connection:
        taken = claims.take_ready(connection, "stub", "w", 60, 3)
        first, second, third = (work.entry_id for work in taken)
        fence = "update post.entry set fence = fence + 1 where entry_id = '{}'"
        behind_the_rules(six, fence.format(first))
        held = outbox.write_ahead(connection, taken, "stub", "w", 0)
        assert held == {second, third}
        behind_the_rules(six, fence.format(second))
        steps = [
            Step(
                work,
                State.SENDING,
                Transition(state=State.POSTED, erp_document=f"J{number}"),
            )
            for number, work in enumerate(taken)
        ]
        assert outbox.move(connection, steps) == {third}
    assert rows(six, "select entry_id, erp_document from post.ledger") == [
        (third, "J2")
    ]
    assert states(six) == {"CLAIMED": 1, "SENDING": 1, "POSTED": 1, "READY": 3}


class Failing(StubPort):
    """Its third call brings no answer."""

    calls = 0

    def _post(self, document):
        self.calls += 1
        if self.calls == 3:
            return replace(super()._post(document), status=500)
        return super()._post(document)


def test_what_waits_behind_a_call_without_an_answer_pays_no_attempt(six):
    with running(Erp()) as port:
        drain(six, Failing(port), POLICY)
    assert attempts(six) == [
        ("POSTED", 1, None),
        ("POSTED", 1, None),
        ("POSTED", 1, "ERP_UNKNOWN"),
        *[("POSTED", 1, "BATCH_ENDED")] * 3,
    ]


def test_only_the_database_forgives_and_only_what_was_not_sent(six):
    with planning.connection(six) as connection:
        (work,) = claims.take_ready(connection, "stub", "w", 60, 1)
        outbox.write_ahead(connection, [work], "stub", "w", 0)
        busy = Transition(state=State.READY, error_code="NOT_PROCESSED")
        outbox.move(connection, [Step(work, State.SENDING, busy)])
    with (
        psycopg.connect(six) as connection,
        pytest.raises(errors.CheckViolation, match="ENTRY_FIXED"),
    ):
        connection.execute("update post.entry set forgiven_attempts = 1")
    assert attempts(six)[0] == ("READY", 1, "NOT_PROCESSED")


def test_a_lease_that_ends_while_attempts_are_written_leaves_the_batch_unsent(six):
    """The first attempt takes longer than the lease, once."""
    with psycopg.connect(six) as connection:
        connection.execute("create sequence post.writes")
        connection.execute("grant usage on sequence post.writes to public")
        connection.execute(
            "create function post.be_slow() returns trigger language plpgsql as $$ "
            "begin if nextval('post.writes') = 1 then perform pg_sleep(1.2); end if; "
            "return new; end $$"
        )
        connection.execute(
            "create trigger be_slow before insert on post.attempt "
            "for each row execute function post.be_slow()"
        )
    erp = Erp()
    with running(erp) as port:
        assert drain(six, StubPort(port), POLICY).posted == 6
    assert attempts(six) == [("POSTED", 1, None)] * 6
    assert_exactly_once(six, erp)


class Numbering(StubPort):
    """It gives its fourth document the number of its first."""

    calls = 0

    def _post(self, document):
        self.calls += 1
        answer = super()._post(document)
        return replace(answer, erp_document="J0") if self.calls == 4 else answer


def test_an_outcome_that_the_database_refuses_does_not_keep_its_neighbours(six):
    with running(Erp()) as port, pytest.raises(errors.UniqueViolation):
        drain(six, Numbering(port), POLICY)
    assert states(six) == {"POSTED": 5, "SENDING": 1}
    assert rows(six, "select count(*) from post.ledger") == [(5,)]


def test_a_worker_in_mid_step_keeps_no_other_from_its_own(six):
    with planning.connection(six) as one, planning.connection(six) as other:
        other.execute("set lock_timeout = '2s'")
        with one.transaction():
            assert claims.take_ready(one, "stub", "w", 60, 1)
            [work] = claims.take_ready(other, "stub", "other", 60, 1)
            assert outbox.write_ahead(other, [work], "stub", "other", 0)
    chained = "select count(*) from audit.event where action like %s"
    assert rows(six, chained, ["% -> CLAIMED"]) == [(2,)]
    assert rows(six, chained, ["CLAIMED -> SENDING"]) == [(1,)]
    assert rows(six, "select count(*) from audit.broken_event()") == [(0,)]


def test_a_drain_that_is_killed_in_mid_batch_doubles_nothing(six):
    """Three were sent and three were not: all six are doubts, and read back."""
    erp = Erp()
    with running(erp) as port:
        killed = run_until_killed(six, port, "answered", 3)
        assert killed.returncode == -signal.SIGKILL
        assert len(erp.documents) == 3
        assert states(six) == {"SENDING": 6}
        assert drain(six, StubPort(port), POLICY).posted == 6
    assert_exactly_once(six, erp)


@pytest.mark.parametrize(("limit", "batches"), [(1, 6), (4, 2), (500, 1)])
def test_how_many_a_worker_holds_is_the_row_of_its_erp(six, limit, batches):
    with psycopg.connect(six) as connection:
        connection.execute(
            "insert into post.erp_policy (adapter, batch_limit) values ('stub', %s)",
            [limit],
        )
    with running(Erp()) as port:
        assert drain(six, StubPort(port)).posted == 6
    transactions = "select count(distinct xmin::text) from post.ledger"
    assert rows(six, transactions) == [(batches,)]
