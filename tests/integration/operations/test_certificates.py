"""Whatever is changed behind a posted document is found, and named."""

import json

import psycopg
import pytest

from ledgerline.operations.certificate.certificate import (
    NothingCertified,
    as_json,
    certificate,
    certify,
    check_document,
    verify_document,
)
from ledgerline.operations.repository import entry_sources
from ledgerline.operations.verify import check_all, verify
from ledgerline.posting import drain, release
from tests.integration.operations.certified import post_two
from tests.integration.posting.people import agree
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import rows

pytestmark = pytest.mark.integration
KEY = "patient_revenue|MVH|2026-01-11|-|v1"
# What stands behind a document, and the row of it that is changed.
EVIDENCE = {
    "raw_billing.file_chunk": "true",
    "raw_billing.file": "true",
    "raw_billing.record": "true",
    "raw_ehr.file_chunk": "true",
    "raw_ehr.file": "true",
    "raw_ehr.record": "true",
    "published.outbound__out_journal_fact": "amount > 0",
    "published.conformed__fct_supply_usage": "true",
    "post.stock_fact": "true",
    "ops.check_result": "true",
    "ops.gate_decision": "true",
    "ops.publication": "true",
    "post.entry": "document_type = 'journal'",
    "post.entry_line": "line_number = 1",
    "post.stock_line": "true",
    "post.attempt": "true",
    "post.ledger": "true",
    "post.certificate": "true",
    "audit.event": "event_id = 3",
}
# Not evidence: where rows of the landing zone say how, not what, was received.
BESIDE = {
    (f"raw_{zone}.{table}", column)
    for zone in ("billing", "ehr")
    for table, columns in {
        "record": (
            *("batch_id", "resource_type", "resource_id", "byte_offset"),
            *("byte_length", "received_at", "body"),
        ),
        "file": ("batch_id", "size_bytes", "format", "received_at", "status"),
    }.items()
    for column in columns
}
FLIPS = {
    "text": (
        "{0} || 'x'",
        "'POSTED'",
        "'BLOCK'",
        "'hold'",
        "'fail'",
        "repeat('0', 64)",
    ),
    "uuid": ("gen_random_uuid()",),
    "jsonb": ("jsonb_build_array({0})",),
    "bytea": ("set_byte({0}, 0, get_byte({0}, 0) # 1)",),
    "boolean": ("not {0}",),
    "date": ("{0} + 1",),
    "interval": ("{0} + interval '1 microsecond'",),
    "timestamp with time zone": ("{0} + interval '1 microsecond'", "now()"),
    "ARRAY": ("array_append({0}, 'X')",),
}
NUMBER = ("{0} + 100",)
COLUMNS = """
    select column_name, data_type from information_schema.columns
    where table_schema || '.' || table_name = %s and is_generated = 'NEVER'
    order by ordinal_position
"""


@pytest.fixture(scope="module")
def standing(warehouse_dsn):
    """A warehouse that a test leaves as it was."""
    return post_two(warehouse_dsn)


@pytest.fixture
def posted(dsn):
    return post_two(dsn)


def test_a_certificate_says_all_that_stands_behind_a_document(standing):
    found = json.loads(as_json(certificate(standing, "J0")))
    assert found["natural_key"] == KEY
    assert (found["amount_usd"], found["attempts"]) == ("100.10", 1)
    assert (found["verdict"], found["suite_hash"]) == ("PASS", "suite")
    assert (found["code_version"], found["publication"]) == ("test", 1)
    (step,) = rows(
        standing,
        "select event_id from audit.event where action = 'SENDING -> POSTED' "
        "and subject_id = %s",
        [found["entry_id"]],
    )
    assert found["chain_position"] == step[0]
    (file,) = found["inputs"]
    assert (file["name"], file["record_count"]) == ("a.837", 1)
    assert file["content_sha256"].startswith("ba7816bf8f01cfea")
    assert [found["evidence"][part]["count"] for part in ("facts", "lines")] == [2, 2]


def test_a_certificate_of_a_stock_issue_leads_to_its_usages_and_their_file(standing):
    found = json.loads(as_json(certificate(standing, "S1")))
    assert found["evidence"]["facts"]["count"] == 1
    (file,) = found["inputs"]
    assert (file["zone"], file["name"], file["record_count"]) == ("ehr", "u.ndjson", 1)
    with psycopg.connect(standing) as connection:
        (source,) = entry_sources(connection, found["entry_id"])
    assert source[0] == "fct_supply_usage U1"
    assert (str(source[1]), source[3]) == ("15.00", "u.ndjson")


def test_what_was_not_changed_holds_for_one_document_and_for_all(standing):
    for document in ("J0", "S1", KEY, f"LL|{KEY}"):
        assert [each.breaks for each in verify_document(standing, document)] == [()] * 3
    assert [each for each in verify(standing) if each.breaks] == []


def flips(connection):
    """Every column of the evidence, and the changes that its type allows."""
    for table in EVIDENCE:
        for column, kind in connection.execute(COLUMNS, [table]).fetchall():
            if (table, column) not in BESIDE and column != "published_to":
                yield table, column, FLIPS.get(kind, NUMBER)


def flip(connection, table, column, changes):
    """Change one value; 0 when it is null or no change is allowed."""
    row = f"ctid = (select ctid from {table} where {EVIDENCE[table]} limit 1)"
    for change in changes:
        value = change.format(column)
        try:
            with connection.transaction():
                connection.execute(
                    f"alter table {table} alter {column} drop identity if exists"
                )
                changed = connection.execute(
                    f"update {table} set {column} = {value} "
                    f"where {row} and {value} is distinct from {column}"
                ).rowcount
        except psycopg.errors.IntegrityError:
            continue
        if changed:
            return 1
    return 0


def test_a_change_of_any_value_behind_a_document_is_found(standing):
    documents = [certificate(standing, name) for name in ("J0", "S1")]
    flipped, unseen = set(), []
    with psycopg.connect(standing) as connection:
        for table, column, changes in list(flips(connection)):
            connection.rollback()
            connection.execute("set session_replication_role = replica")
            if not flip(connection, table, column, changes):
                continue
            flipped.add(table)
            found = [each for one in check_all(connection) for each in one.breaks]
            alone = [
                each
                for document in documents
                for one in check_document(connection, document)
                for each in one.breaks
            ]
            if not found or not alone:
                unseen.append((table, column, bool(found), bool(alone)))
        connection.rollback()
    assert not unseen, str(unseen)
    assert flipped == EVIDENCE.keys()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            "update post.entry_line set amount_cents = amount_cents + 1 "
            "where line_number = 1",
            f"post.entry {KEY}: its lines (sha256) is not what was certified",
        ),
        (
            "update post.entry set total_amount_cents = 1 "
            "where document_type = 'journal'",
            f"post.entry {KEY}: its entry (total_amount, total_amount_cents) is not",
        ),
        ("delete from post.attempt", f"post.entry {KEY}: its attempts is not what"),
        (
            "update ops.gate_decision set verdict = 'BLOCK'",
            "its verdict (verdict, row_sha256) is not",
        ),
        ("update ops.check_result set status = 'fail'", "its checks (sha256) is not"),
        ("delete from post.certificate", f"post.certificate {KEY}: it is missing"),
        (
            "update post.certificate set certificate_sha256 = 'x'",
            f"post.certificate {KEY}: it is not the one on the audit chain",
        ),
        (
            "update raw_billing.file_chunk set bytes = 'abd'",
            "raw_billing.file 1 (a.837): its SHA-256 is another now",
        ),
        (
            "update audit.event set subject_id = 'x' where action = 'issued'",
            f"post.certificate {KEY}: it is not on the audit chain",
        ),
        (
            "update audit.event set detail = '{}' where event_id = 1",
            "audit.event 1: the row was changed",
        ),
    ],
)
def test_what_was_changed_is_named(standing, change, where):
    with psycopg.connect(standing) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(change)
        found = [
            f"{subject}: {problem}"
            for promise in check_all(connection)
            for subject, problem in promise.breaks
        ]
        connection.rollback()
    assert [each for each in found if where in each], found


def test_only_what_was_posted_is_certified(posted):
    with pytest.raises(NothingCertified, match="J9 is not known, and has no"):
        certificate(posted, "J9")
    agree(posted, "compensate", KEY)
    with pytest.raises(NothingCertified, match="v2 is HELD, and has no certificate"):
        certificate(posted, KEY.replace("v1", "v2"))


def test_a_reversal_is_certified_with_who_asked_for_it_and_the_original_holds(posted):
    agree(posted, "compensate", KEY)
    erp = Erp()
    erp.commit({**certificate(posted, KEY)["evidence"]["entry"]["payload"]})
    with running(erp) as port:
        release(posted)
        assert drain(posted, StubPort(port), POLICY).posted == 1
    found = certificate(posted, KEY.replace("v1", "v2"))
    (request,) = found["evidence"]["requests"]
    assert (request["requested_by"], request["decided_by"]) == ("Ann", "Bo")
    assert [each for each in verify(posted) if each.breaks] == []


def test_the_reversal_of_a_stock_issue_has_the_usages_of_what_it_takes_back(posted):
    agree(posted, "compensate", "stock_issue|MVH|2026-01-11|-|MVH-6010-STO|v1")
    found = rows(posted, "select supply_usage_id from post.stock_fact")
    assert found == [("U1",), ("U1",)]


def test_certificates_are_issued_once_and_never_changed(posted):
    before = rows(posted, "select * from post.certificate order by 1")
    certify(posted)
    assert rows(posted, "select * from post.certificate order by 1") == before
    for change in (
        "update post.certificate set evidence = '{}'",
        "delete from post.certificate",
    ):
        with (
            psycopg.connect(posted, autocommit=True) as connection,
            pytest.raises(psycopg.DatabaseError, match="append-only"),
        ):
            connection.execute(change)
