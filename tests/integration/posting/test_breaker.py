"""An ERP that fails call after call is left alone, probed, and called again."""

import time
from dataclasses import replace

import psycopg
import pytest
from psycopg import errors

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.operations.repository import breakers
from ledgerline.posting import drain, propose, release
from ledgerline.posting.command import Stop
from ledgerline.store.engine import connect
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, states

pytestmark = pytest.mark.integration
PATIENT = replace(POLICY, breaker_failures=2, breaker_seconds=600, patience_seconds=0.3)
STEPS = """
    select action from audit.event where subject = 'post.erp_breaker' order by event_id
"""


def ready(dsn, *facilities):
    publish(dsn, [line for each in facilities for line in journal("5.00", each)])
    propose(dsn)
    release(dsn)


def breaker(dsn):
    return rows(dsn, "select adapter, position, failures from post.erp_breaker")


def end_rest(dsn):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update post.erp_breaker set until = clock_timestamp()")


def open_up(dsn, port, erp):
    """Let every call fail until the breaker opens."""
    erp.fault_rate, erp.faults = 1.0, ("drop_draft",)
    assert drain(dsn, StubPort(port), PATIENT).stop is Stop.OUT_OF_PATIENCE
    assert breaker(dsn) == [("stub", "open", 2)]


def test_nothing_more_is_sent_after_so_many_failures(dsn):
    ready(dsn, "MVH", "LGH", "NRC")
    erp = Erp()
    with running(erp) as port:
        open_up(dsn, port, erp)
        assert states(dsn) == {"UNKNOWN": 2, "READY": 1}
        drain(dsn, StubPort(port), PATIENT)
    calls = "select attempts - forgiven_attempts from post.entry order by 1"
    assert rows(dsn, calls) == [(0,), (1,), (1,)]
    assert len(erp.documents) == 2
    assert erp.effective == []


def test_a_probe_that_is_answered_closes_and_the_rest_follows(dsn):
    ready(dsn, "MVH", "LGH", "NRC")
    erp = Erp()
    with running(erp) as port:
        open_up(dsn, port, erp)
        erp.fault_rate = 0.0
        end_rest(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 3
    assert breaker(dsn) == [("stub", "closed", 0)]
    assert [row[0] for row in rows(dsn, STEPS)] == [
        *("closed -> open", "open -> half open", "half open -> closed")
    ]
    assert rows(dsn, "select * from audit.broken_event()") == []


def test_a_probe_that_fails_opens_again(dsn):
    ready(dsn, "MVH", "LGH", "NRC")
    erp = Erp()
    with running(erp) as port:
        open_up(dsn, port, erp)
        end_rest(dsn)
        drain(dsn, StubPort(port), PATIENT)
        assert breaker(dsn) == [("stub", "open", 3)]


def test_an_erp_that_is_not_there_at_the_start_opens_it_too(dsn):
    ready(dsn, "MVH")
    with running(Erp()) as port:
        nobody = StubPort(port)
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            drain(dsn, nobody, PATIENT)
    with connect(dsn) as connection:
        ((adapter, position, failures, since, until),) = breakers(connection)
    assert (adapter, position, failures) == ("stub", "open", 2)
    assert (until - since).total_seconds() == pytest.approx(600, abs=1)
    began = time.monotonic()
    assert drain(dsn, nobody, PATIENT).waiting == 1
    assert time.monotonic() - began < 1


def test_an_answer_in_between_starts_the_count_anew(dsn):
    ready(dsn, "MVH", "LGH")
    erp = Erp()
    with running(erp) as port:
        erp.fault_rate, erp.faults = 1.0, ("drop_draft",)
        drain(dsn, StubPort(port), replace(PATIENT, breaker_failures=3))
        assert breaker(dsn) == [("stub", "closed", 2)]
        erp.fault_rate = 0.0
        assert drain(dsn, StubPort(port), POLICY).posted == 2
    assert breaker(dsn) == [("stub", "closed", 0)]
    assert rows(dsn, STEPS) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("position = 'half open'", "the rest of the ERP is not over"),
        ("position = 'shut'", "violates check constraint"),
    ],
)
def test_the_database_keeps_its_steps(dsn, change, why):
    ready(dsn, "MVH", "LGH", "NRC")
    erp = Erp()
    with running(erp) as port:
        open_up(dsn, port, erp)
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match=why),
    ):
        connection.execute(f"update post.erp_breaker set {change}")
