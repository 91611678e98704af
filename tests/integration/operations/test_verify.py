"""`ledgerline verify` names each broken promise, and only that one."""

from contextlib import closing

import psycopg
import pytest

from ledgerline.landing.stored import KeptBytes
from ledgerline.operations.verify import print_verification, verify
from ledgerline.posting import drain, propose, release
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish

pytestmark = pytest.mark.integration

BATCH = (
    "insert into ops.landing_batch (source, status) values ('ehr', 'complete') "
    "returning batch_id"
)
TAMPERINGS = {
    "No audit event was changed, removed or slipped in": (
        "update audit.event set event_hash = sha256('x') where event_id = 1"
    ),
    "Every publication repeats a PASS or HOLD decision over exactly its rows": (
        "update ops.gate_decision set data_hash = 'another'"
    ),
    "Every entry cites a publication and the hashes of its verdict": (
        "update post.entry set suite_hash = 'another'"
    ),
    "Every journal entry balances": (
        "update post.entry_line set amount_cents = amount_cents + 1 "
        "where line_number = (select min(line_number) from post.entry_line)"
    ),
    "An entry is POSTED exactly when the ledger has its document with its amount": (
        "delete from post.ledger"
    ),
    "No entry reached the ERP without an attempt written before": (
        "delete from post.attempt"
    ),
    "Every mapping in force was approved by a second person, unchanged": (
        "insert into reference.changeset (file_name, state, proposed_by, decided_by, "
        "decided_at) values ('x.csv', 'approved', 'Ann', 'Bo', now())"
    ),
    "All that stands behind a posted document is as its certificate says": (
        "insert into post.certificate select entry_id, '{}', 'x' from post.entry"
    ),
    "Every step that needs a second person had one, as it was asked for": (
        "insert into ops.request (action, reason, state, requested_by, decided_by, "
        "decided_at) values ('replay', 'x', 'approved', 'Ann', 'ann ', now())"
    ),
    "Every stored file has the bytes that were received": (
        "update raw_ehr.file_chunk set bytes = 'other'"
    ),
    "Every record leads to its file and its batch": (
        "insert into raw_ehr.record (file_id, batch_id, resource_type, resource_id, "
        "content_sha256, byte_offset, byte_length, body) "
        "values (4711, 4711, 'Patient', 'a', sha256('a'), 0, 1, '{}')"
    ),
    "Every batch: received = landed + quarantined + duplicate": (
        "alter table ops.landing_batch drop constraint landing_batch_balances; "
        "update ops.landing_batch set received_count = 7"
    ),
}


@pytest.fixture
def posted(dsn):
    publish(dsn, journal("100.10"))
    with running(Erp()) as port:
        propose(dsn)
        release(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 1
    with psycopg.connect(dsn) as connection:
        (batch,) = connection.execute(BATCH).fetchone()
        connection.execute(
            "with file as (insert into raw_ehr.file (batch_id, name, content_sha256, "
            "size_bytes, format) values (%s, 'a.ndjson', sha256('abc'), 3, 'x') "
            "returning file_id) insert into raw_ehr.file_chunk "
            "select file_id, n, b::bytea from file, "
            "(values (0, 'ab'), (1, 'c')) as part (n, b)",
            [batch],
        )
    return dsn


def test_what_was_posted_from_a_proven_publication_verifies(posted, capsys):
    assert {promise.sentence for promise in verify(posted)} == TAMPERINGS.keys()
    assert [promise for promise in verify(posted) if promise.breaks] == []
    assert print_verification(verify(posted))
    assert "What does not hold" not in capsys.readouterr().out


@pytest.mark.parametrize("sentence", TAMPERINGS)
def test_a_tampered_row_is_named_under_the_promise_it_breaks(posted, sentence, capsys):
    with psycopg.connect(posted) as connection:
        connection.execute("set session_replication_role = replica")  # no triggers
        connection.execute(TAMPERINGS[sentence])
    broken = {promise.sentence for promise in verify(posted) if promise.breaks}
    assert broken == {sentence}
    assert not print_verification(verify(posted))
    assert "What does not hold" in capsys.readouterr().out


def test_a_packed_file_whose_pages_were_changed_is_named(posted):
    kept = KeptBytes([b"abc" * 10_000])
    with closing(kept), psycopg.connect(posted) as connection:
        connection.execute(
            "update raw_ehr.file set is_packed = true, content_sha256 = %s",
            [kept.sha256],
        )
        connection.execute("delete from raw_ehr.file_chunk where chunk_number > 0")
        pages = b"".join(kept.pages())
        connection.execute("update raw_ehr.file_chunk set bytes = %s", [pages])
        connection.commit()
        assert not [promise for promise in verify(posted) if promise.breaks]
        for spoiled in (b"other", pages[:-9], pages[:9] + b"????" + pages[13:]):
            connection.execute("update raw_ehr.file_chunk set bytes = %s", [spoiled])
            connection.commit()
            broken = [each.sentence for each in verify(posted) if each.breaks]
            assert broken == ["Every stored file has the bytes that were received"]
