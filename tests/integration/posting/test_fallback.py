"""Another way into the same ERP, while the first is left alone: nothing doubles."""

from dataclasses import replace

import psycopg
import pytest
from psycopg import errors

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.posting import propose, release
from ledgerline.posting.drain import drain_by_routes
from ledgerline.posting.file_job import FileErp
from tests.integration.posting.job_erp import JobErp
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, states

pytestmark = pytest.mark.integration
PATIENT = replace(
    POLICY,
    breaker_failures=2,
    breaker_seconds=600,
    patience_seconds=0.3,
    backoff_seconds=1,
)
UNHURRIED = replace(PATIENT, patience_seconds=3)


class JobOfErp(JobErp):
    """The import job of an ERP that is also spoken to directly."""

    def __init__(self, root, erp):
        super().__init__(root)
        self.erp = erp

    def _import(self, payload):
        _, held = self.erp.commit(payload)
        number, document = held["erp_document"], held["payload"]
        return {"status": "accepted", "erp_document": number, "document": document}


@pytest.fixture
def erp():
    return Erp()


@pytest.fixture
def job(tmp_path, erp):
    return JobOfErp(tmp_path, erp)


@pytest.fixture
def file(job):
    port = FileErp(job.endpoint())
    port.check()
    return port


def ready(dsn, *facilities, fallback="file"):
    if fallback:
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "insert into post.erp_policy (adapter, fallback_adapter) "
                "values ('stub', %s) on conflict do nothing",
                [fallback],
            )
    publish(dsn, [line for each in facilities for line in journal("5.00", each)])
    propose(dsn)
    release(dsn)


def nobody(erp):
    with running(erp) as port:
        return StubPort(port)


def ways(dsn):
    """Where each document was sent; what waited behind another one was not."""
    return rows(
        dsn,
        "select facility_code, array_agg(adapter order by attempt_number) "
        "from post.attempt join post.entry using (entry_id) "
        "where error_code is distinct from 'BATCH_ENDED' group by 1 order by 1",
    )


def answer(file, job):
    """Let the import job take what was given, and acknowledge it."""
    file._drop.close_batch()
    job.run()


def drain_twice(dsn, port, file, job):
    """Drain, let the job answer what was given, drain again."""
    drain_by_routes(dsn, port, file, PATIENT)
    answer(file, job)
    return drain_by_routes(dsn, port, file, UNHURRIED)


def test_the_fallback_takes_over_when_the_breaker_opens_and_not_before(
    dsn, erp, job, file
):
    ready(dsn, "MVH", "LGH")
    port = nobody(erp)
    with pytest.raises(SourceUnavailable):
        drain_by_routes(dsn, port, file, PATIENT)
    assert ways(dsn) == []
    drain_twice(dsn, port, file, job)
    assert states(dsn) == {"POSTED": 2}
    assert ways(dsn) == [("LGH", ["file"]), ("MVH", ["file"])]
    assert len(erp.effective) == 2


def test_what_is_in_doubt_stays_on_its_way(dsn, erp, job, file):
    ready(dsn, "MVH", "LGH", "NRC")
    erp.fault_rate, erp.faults = 1.0, ("drop_after",)
    with running(erp) as port:
        drain_by_routes(dsn, StubPort(port), file, PATIENT)
    drain_twice(dsn, nobody(erp), file, job)
    assert states(dsn) == {"UNKNOWN": 2, "POSTED": 1}
    assert ways(dsn) == [("LGH", ["stub"]), ("MVH", ["stub"]), ("NRC", ["file"])]
    erp.fault_rate = 0.0
    with running(erp) as port:
        drain_by_routes(dsn, StubPort(port), file, UNHURRIED)
    assert states(dsn) == {"POSTED": 3}
    assert len(erp.effective) == 3


def test_what_was_absent_after_its_doubt_is_sent_again_the_same_way(
    dsn, erp, job, file
):
    ready(dsn, "MVH", "LGH")
    erp.fault_rate, erp.faults = 1.0, ("drop_draft",)
    with running(erp) as port:
        drain_by_routes(dsn, StubPort(port), file, UNHURRIED)
    assert states(dsn) == {"READY": 2}
    drain_twice(dsn, nobody(erp), file, job)
    assert states(dsn) == {"READY": 2}
    assert erp.effective == []


def test_what_was_given_stays_with_the_job_when_the_first_way_is_back(
    dsn, erp, job, file
):
    ready(dsn, "MVH", "LGH")
    port = nobody(erp)
    with pytest.raises(SourceUnavailable):
        drain_by_routes(dsn, port, file, PATIENT)
    drain_by_routes(dsn, port, file, PATIENT)
    assert states(dsn) == {"UNKNOWN": 2}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update post.erp_breaker set position = 'closed'")
    with running(erp) as port:
        drain_by_routes(dsn, StubPort(port), file, PATIENT)
        assert states(dsn) == {"UNKNOWN": 2}
        assert erp.documents == []
        answer(file, job)
        drain_by_routes(dsn, StubPort(port), file, UNHURRIED)
    assert states(dsn) == {"POSTED": 2}
    assert len(erp.effective) == 2


def test_what_was_refused_as_busy_may_change_its_way(dsn, erp, job, file):
    ready(dsn, "MVH")
    erp.fault_rate, erp.faults = 1.0, ("503",)
    patience = replace(PATIENT, backoff_seconds=600, backoff_limit_seconds=600)
    with running(erp) as port:
        drain_by_routes(dsn, StubPort(port), file, patience)
    assert ways(dsn) == [("MVH", ["stub"])]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update post.entry set next_at = now()")
    port = nobody(erp)
    with pytest.raises(SourceUnavailable):
        drain_by_routes(dsn, port, file, PATIENT)
    drain_twice(dsn, port, file, job)
    assert ways(dsn) == [("MVH", ["stub", "file"])]
    assert states(dsn) == {"POSTED": 1}


def test_a_fallback_that_no_row_names_is_not_used(dsn, erp, file):
    ready(dsn, "MVH", fallback="")
    port = nobody(erp)
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            drain_by_routes(dsn, port, file, PATIENT)
    assert drain_by_routes(dsn, port, file, PATIENT)[0].waiting == 1
    assert states(dsn) == {"READY": 1}


def test_the_database_refuses_another_way_for_what_is_in_doubt(dsn, erp, job, file):
    ready(dsn, "MVH", "LGH")
    erp.fault_rate, erp.faults = 1.0, ("drop_draft",)
    with running(erp) as port:
        drain_by_routes(dsn, StubPort(port), file, UNHURRIED)
    assert states(dsn) == {"READY": 2}
    claim = (
        "update post.entry set state = 'CLAIMED', fence = fence + 1, worker = 'w', "
        "lease_until = clock_timestamp() + interval '1 minute'"
    )
    attempt = (
        "insert into post.attempt (entry_id, attempt_number, fence, adapter, worker, "
        "quiet_time) select entry_id, attempts + 1, fence, 'file', 'w', '1 s' "
        "from post.entry"
    )
    with psycopg.connect(dsn) as connection:
        connection.execute(claim)
        with pytest.raises(errors.CheckViolation, match="ENTRY_ROUTE"):
            connection.execute(attempt)
