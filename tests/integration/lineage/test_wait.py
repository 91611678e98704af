"""What refers to something that is not here yet is an exception until it comes."""

from datetime import timedelta

import psycopg
import pytest

from ledgerline.lineage.wait import PATIENCE, note_waiting
from ledgerline.operations.exceptions.replaying import choose, print_replay

pytestmark = pytest.mark.integration

CANDIDATES = """
drop table if exists candidate_conformed.fct_claim_submission,
    candidate_conformed.fct_payment;
create table candidate_conformed.fct_claim_submission (
    record_id bigint, submission_state text
);
create table candidate_conformed.fct_payment (
    record_id bigint, waits_for_original boolean
);
delete from ops.quarantined_record;
delete from raw_billing.record; delete from raw_billing.file;
delete from ops.landing_batch;
"""
LANDED = """
with batch as (
    insert into ops.landing_batch (source, status, received_count, landed_count)
    values ('billing_x12', 'complete', 3, 3) returning batch_id
),
file as (
    insert into raw_billing.file (batch_id, name, content_sha256, size_bytes, format)
    select batch_id, 'claims.edi', '', 1, 'x12' from batch
    returning file_id, batch_id
)
insert into raw_billing.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, received_at, body
)
select
    file_id, batch_id, resource_type, resource_id, sha256(resource_id::bytea),
    byte_offset, 10, '2026-03-01T00:00:00Z', '{"account_number": "SECRET-1"}'
from file, (values
    ('837.claim', 'a', 100), ('837.claim', 'b', 200), ('835.claim', 'c', 300)
) as claim (resource_type, resource_id, byte_offset)
returning resource_id, record_id
"""


class Claims:
    """Three landed records, and what the warehouse makes of them."""

    def __init__(self, dsn, connection):
        self.dsn = dsn
        self.connection = connection
        connection.execute(CANDIDATES)
        self.record = dict(connection.execute(LANDED).fetchall())

    def build(self, waiting=(), lost=()):
        """Fill the candidates: submissions that wait, reversals without original."""
        self.connection.execute("truncate candidate_conformed.fct_claim_submission")
        self.connection.execute("truncate candidate_conformed.fct_payment")
        for name in "ab":
            state = "waits_for_prior" if name in waiting else "in_force"
            self.connection.execute(
                "insert into candidate_conformed.fct_claim_submission values (%s, %s)",
                [self.record[name], state],
            )
        self.connection.execute(
            "insert into candidate_conformed.fct_payment values (%s, %s)",
            [self.record["c"], "c" in lost],
        )

    def note(self):
        report = note_waiting(self.dsn)
        return report.waiting, report.added, report.settled

    def exceptions(self, status="open"):
        return self.connection.execute(
            "select locator, class, stage, resource_type, due_at, message, owner "
            "from ops.quarantined_record where status = %s order by locator",
            [status],
        ).fetchall()


@pytest.fixture
def claims(warehouse_dsn):
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        yield Claims(warehouse_dsn, connection)


def test_a_waiting_record_is_an_exception_once_with_its_deadline(claims):
    claims.build(waiting="a", lost="c")
    assert claims.note() == (2, 2, 0)
    assert claims.note() == (2, 0, 0)
    prior, original = claims.exceptions()
    assert prior[:4] == ("claims.edi@100", "ORDER_WAIT", "lineage", "837.claim")
    assert original[:4] == ("claims.edi@300", "ORDER_WAIT", "lineage", "835.claim")
    received = claims.connection.execute(
        "select min(received_at) from raw_billing.record"
    ).fetchone()[0]
    assert prior[4] == original[4] == received + PATIENCE
    assert timedelta(0) < PATIENCE
    assert "SECRET" not in prior[5] + original[5]
    assert prior[6] == original[6] == "revenue_cycle"


def test_what_it_waited_for_comes_and_the_exception_settles_by_itself(claims):
    claims.build(waiting="ab")
    assert claims.note() == (2, 2, 0)
    claims.build(waiting="b")
    assert claims.note() == (1, 0, 1)
    assert [row[0] for row in claims.exceptions()] == ["claims.edi@200"]
    assert [row[0] for row in claims.exceptions("replayed")] == ["claims.edi@100"]
    claims.build(waiting="ab")
    assert claims.note() == (2, 1, 0)


def test_a_dismissed_exception_stays_away(claims):
    claims.build(waiting="a")
    claims.note()
    claims.connection.execute("update ops.quarantined_record set status = 'dismissed'")
    assert claims.note() == (1, 0, 0)
    assert claims.exceptions() == []


def test_exceptions_of_other_stages_are_left_alone(claims):
    claims.connection.execute(
        "insert into ops.quarantined_record (batch_id, source, resource_type, class, "
        "locator, stage, message, owner, file_id, byte_offset) "
        "select batch_id, 'billing_x12', '837.claim', 'ORDER_WAIT', 'x', 'parse', 'm', "
        "'o', file_id, 100 from raw_billing.file"
    )
    claims.build()
    assert claims.note() == (0, 0, 0)
    assert [row[2] for row in claims.exceptions()] == ["parse"]


def test_a_replay_closes_nothing_that_waits_still_and_says_what_is_missing(
    claims, capsys
):
    claims.build(waiting="ab")
    claims.note()
    chosen = choose(None, "ORDER_WAIT", None, is_all=False)
    claims.build(waiting="b")
    print_replay(claims.dsn, chosen, by="tester")
    said = " ".join(capsys.readouterr().out.split())
    assert "1 no longer wait, 1 wait still" in said
    assert "1 open: the claim replaces or voids one (REF*F8) that is not known" in said
    assert [row[0] for row in claims.exceptions()] == ["claims.edi@200"]
