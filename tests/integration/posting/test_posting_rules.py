"""The database refuses what the posting protocol does not allow, whoever writes."""

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from ledgerline.posting import drain, propose, release
from tests.integration.posting.entry_steps import force
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, states

pytestmark = pytest.mark.integration

STATES = (
    *("HELD", "READY", "CLAIMED", "SENDING", "POSTED", "REJECTED"),
    *("UNKNOWN", "CONFLICT", "DEAD", "CANCELLED"),
)
STEPS = {
    "HELD": {"READY", "CANCELLED"},
    "READY": {"CLAIMED", "DEAD", "CANCELLED"},
    "CLAIMED": {"SENDING", "READY"},
    "SENDING": {"POSTED", "READY", "REJECTED", "UNKNOWN"},
    "UNKNOWN": {"POSTED", "READY", "CONFLICT", "DEAD"},
    "DEAD": {"READY", "UNKNOWN"},
    "CONFLICT": {"POSTED", "UNKNOWN"},
}
ADOPTION = {("HELD", "UNKNOWN"), ("READY", "UNKNOWN"), ("CLAIMED", "UNKNOWN")}
"""Steps after a restore; at any other time they are refused like any other."""


@pytest.mark.parametrize("source", STATES)
def test_no_step_outside_the_table_is_possible(entry, source):
    force(entry, source)
    for target in set(STATES) - {source} - STEPS.get(source, set()):
        with pytest.raises(psycopg.DatabaseError, match="ENTRY_TRANSITION"):
            entry.execute("update post.entry set state = %s", [target])


def test_the_table_of_steps_is_the_one_that_is_tested(entry):
    found = entry.execute("select from_state, to_state from post.transition")
    daily = {(source, target) for source in STEPS for target in STEPS[source]}
    assert set(found) == daily | ADOPTION


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", "'{}'"),
        ("payload_sha256", "repeat('0', 64)"),
        ("total_amount_cents", "1"),
        ("natural_key", "'x'"),
        ("facility_code", "'LGH'"),
        ("hold_class", "'x'"),
        ("data_hash", "'x'"),
        ("order_key", "'x'"),
        ("fence", "1"),
        ("posting_date", "'2026-02-01'"),
        ("state", "'READY', payload = '{}'"),
        ("state", "'CANCELLED', forgiven_attempts = 1"),
    ],
)
def test_what_was_proposed_does_not_change(entry, column, value):
    with pytest.raises(errors.CheckViolation, match="ENTRY_FIXED"):
        entry.execute(f"update post.entry set {column} = {value}")


@pytest.mark.parametrize(
    "statement",
    [
        "delete from post.entry",
        "delete from post.entry_line",
        "update post.entry_line set amount_cents = 1",
        "delete from audit.event",
        "update audit.event set action = 'x'",
        "truncate audit.event",
        "delete from post.attempt",
    ],
)
def test_history_is_only_added_to(entry, statement):
    with pytest.raises(psycopg.DatabaseError, match="append-only"):
        entry.execute(statement)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("entry_line", "'10100', '', '', 5"),
        ("stock_line", "'MAIN', 'I1', '', 1, 'u', 5"),
        ("requisition_line", "'MAIN', 'I1', 1, 'u'"),
    ],
)
def test_lines_cannot_be_added_to_an_entry(entry, table, line):
    with pytest.raises(errors.CheckViolation, match="ENTRY_LINE"):
        entry.execute(
            f"insert into post.{table} select entry_id, 9, {line} from post.entry"
        )


def lines_of(entry):
    [(lines,)] = entry.execute("select payload -> 'lines' from post.entry").fetchall()
    return lines


def write_again(entry, lines, state="HELD", attempts=0, fence=0):
    """Write the entry a second time, with other lines."""
    entry.execute(
        """
        insert into post.entry (
            entry_id, natural_key, document_kind, document_type, facility_code,
            posting_date, version, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key, state, attempts, fence
        )
        select gen_random_uuid(), 'k', document_kind, document_type, facility_code,
            posting_date, 9, publication_id, data_hash, suite_hash,
            jsonb_set(payload, '{lines}', %s), payload_sha256, 'k', %s, %s, %s
        from post.entry
        """,
        [Jsonb(lines), state, attempts, fence],
    )


@pytest.mark.parametrize("told", [{"state": "READY"}, {"attempts": 1}, {"fence": 1}])
def test_an_entry_starts_held_and_unsent(entry, told):
    with pytest.raises(errors.CheckViolation, match="ENTRY_NEW"):
        write_again(entry, [], **told)


def test_an_entry_names_hashes_of_its_publication(entry):
    lines = lines_of(entry)
    entry.execute("alter table ops.publication disable trigger user")
    for column in ("data_hash", "suite_hash"):
        with entry.transaction(force_rollback=True):
            entry.execute(f"update ops.publication set {column} = 'other'")
            with pytest.raises(errors.CheckViolation, match="ENTRY_PUBLICATION"):
                write_again(entry, lines)


def test_an_unbalanced_entry_is_refused(entry):
    lines = lines_of(entry)
    lines[0]["amount_cents"] += 1
    with pytest.raises(errors.CheckViolation, match="UNBALANCED"):
        write_again(entry, lines)


def test_an_entry_comes_to_the_sum_of_its_debits(entry):
    lines = lines_of(entry)
    [debit] = [line for line in lines if line["amount_cents"] > 0]
    credits = [line for line in lines if line["amount_cents"] < 0]
    half = {**debit, "amount_cents": debit["amount_cents"] // 2}
    write_again(entry, [half, half, *credits])
    found = "select distinct total_amount_cents from post.entry"
    assert entry.execute(found).fetchall() == [(debit["amount_cents"],)]


def test_an_entry_without_lines_is_refused(entry):
    with pytest.raises(errors.CheckViolation, match="UNBALANCED"):
        write_again(entry, [])


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ("verdict", "no publication"),
        ("hold_class", "hold class"),
        ("held_facility", "held facility"),
    ],
)
def test_no_entry_leaves_held_without_a_passing_verdict(dsn, change, verdict):
    """Not by release, not by drain, not by hand."""
    hold = "unmapped_payer" if change == "hold_class" else ""
    rule = "MASTER_DATA" if hold else "DQ_GATE"
    held = ["MVH"] if change == "held_facility" else []
    publish(
        dsn, journal("100.00", hold=hold), verdict="HOLD" if held else "PASS", held=held
    )
    propose(dsn)
    if change == "verdict":
        with psycopg.connect(dsn) as connection:
            connection.execute("alter table ops.publication disable trigger user")
            connection.execute("update ops.publication set data_hash = 'other'")
            connection.execute("alter table ops.publication enable trigger user")
    erp = Erp()
    with running(erp) as port:
        assert release(dsn).released == 0
        assert drain(dsn, StubPort(port), POLICY).posted == 0
        with (
            psycopg.connect(dsn) as connection,
            pytest.raises(errors.CheckViolation, match=rule),
        ):
            connection.execute("update post.entry set state = 'READY'")
        assert drain(dsn, StubPort(port), POLICY).posted == 0
    assert erp.documents == []
    assert states(dsn) == {"HELD": 1}


def test_a_blocked_run_posts_nothing(dsn):
    publish(dsn, journal("100.00"), verdict="BLOCK")
    erp = Erp()
    with running(erp) as port:
        assert propose(dsn).publication_id is None
        assert release(dsn).released == 0
        assert drain(dsn, StubPort(port), POLICY).posted == 0
    assert states(dsn) == {}
