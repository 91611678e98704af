"""How an ERP is posted to is a row, effective with the next drain."""

import time

import psycopg
import pytest

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.posting import Policy, drain, propose, release
from ledgerline.posting.file_job import FileErp
from ledgerline.posting.port import Answer
from ledgerline.posting.repository import outbox, planning
from ledgerline.posting.tryton.adapter import TrytonErp
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, states

pytestmark = pytest.mark.integration


def change(dsn, **values):
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    with psycopg.connect(dsn) as connection:
        connection.execute(
            f"insert into post.erp_policy (adapter, {names}) values ('stub', {marks})",
            list(values.values()),
        )


def propose_three(dsn):
    facilities = ("MVH", "LGH", "NRC")
    publish(dsn, [line for each in facilities for line in journal("5.00", each)])
    propose(dsn)
    release(dsn)


@pytest.mark.parametrize("adapter", [TrytonErp, FileErp])
def test_without_a_row_and_with_a_default_row_nothing_changes(dsn, adapter):
    default = Policy.of(adapter.profile)
    with planning.connection(dsn) as connection:
        assert outbox.policy(connection, adapter.name, default) == default
        connection.execute(
            "insert into post.erp_policy (adapter) values (%s)", [adapter.name]
        )
        assert outbox.policy(connection, adapter.name, default) == default


def test_attempts_run_out_as_the_row_says(dsn):
    propose_three(dsn)
    change(dsn, attempt_limit=2, backoff_seconds=0.01)
    erp = Erp(fault_rate=1.0, faults=("503",))
    with running(erp) as port:
        assert drain(dsn, StubPort(port)).dead == 3
    assert rows(dsn, "select distinct attempts from post.entry") == [(2,)]


def test_a_worker_keeps_the_pace_of_the_row(dsn):
    propose_three(dsn)
    change(dsn, sends_per_minute=200)
    with running(Erp()) as port:
        began = time.monotonic()
        assert drain(dsn, StubPort(port)).posted == 3
    assert time.monotonic() - began >= 3 * 60 / 200


class NobodyThere(StubPort):
    """It is there when looked at, and gone when called."""

    calls = 0

    def _post(self, document):
        self.calls += 1
        return Answer(status=None, is_unreachable=True)


@pytest.mark.parametrize("limit", [1, 2])
def test_a_drain_leaves_an_erp_alone_after_so_many_calls(dsn, limit):
    propose_three(dsn)
    change(dsn, unreachable_limit=limit)
    with running(Erp()) as port:
        nobody = NobodyThere(port)
        with pytest.raises(SourceUnavailable, match="stopped answering"):
            drain(dsn, nobody)
    assert nobody.calls == limit
    assert states(dsn) == {"UNKNOWN": limit, "READY": 3 - limit}


@pytest.mark.parametrize(
    "column", ["attempt_limit", "sends_per_minute", "unreachable_limit"]
)
def test_a_row_that_would_stop_posting_is_refused(dsn, column):
    with pytest.raises(psycopg.errors.CheckViolation):
        change(dsn, **{column: 0})
