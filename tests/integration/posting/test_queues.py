"""What waits on a person is one queue: whose, how old, how many dollars, what next."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from ledgerline.cli import command, exceptions
from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.operations.exceptions.queue import NoException, print_one, print_queues
from ledgerline.posting import propose
from tests.integration.posting.people import behind_the_rules, dead_entries
from tests.integration.posting.warehouse import journal, publish, rows, states

pytestmark = pytest.mark.integration
RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
CATEGORIES = {
    *("SOURCE_UNAVAILABLE", "AUTH", "CONTRACT_DRIFT", "PARSE", "MASTER_DATA"),
    *("DUPLICATE_CONFLICT", "ORDER_WAIT", "DQ_GATE", "ERP_REJECTED", "ERP_UNKNOWN"),
    *("ERP_CONFLICT", "PERIOD_CLOSED", "RECON_BREAK", "SECURITY"),
}
SHOWN = "select queue, category, owner, amount, command from ops.exception order by 1"


def quarantined(dsn, refusal_class):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into ops.landing_batch (source) values ('billing_x12')"
        )
        connection.execute(
            "insert into ops.quarantined_record (batch_id, source, resource_type,"
            " class, locator, stage, message, owner, due_at) "
            "select max(batch_id), 'billing_x12', '835', %s, 'a.edi@7', "
            "'parse', 'a sentence', 'finance', '2020-01-02' from ops.landing_batch",
            [refusal_class],
        )


def test_every_category_has_an_owner_a_time_and_a_runbook(dsn):
    known = rows(dsn, "select category, runbook from ops.exception_category")
    assert {category for category, _ in known} == CATEGORIES
    for _, runbook in known:
        assert (RUNBOOKS / f"{runbook}.md").exists()
    classes = rows(dsn, "select class from ops.exception_class")
    assert {each for (each,) in classes} <= {each.value for each in RefusalClass}


def test_nothing_waits_in_an_empty_warehouse(dsn, capsys):
    assert rows(dsn, SHOWN) == []
    print_queues(dsn, None, 50, datetime.now(UTC))
    assert "Nothing waits on a person" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("refusal_class", "category"),
    [("PARSE", "PARSE"), ("XML_FORBIDDEN", "SECURITY"), ("ANOTHER", "PARSE")],
)
def test_a_quarantined_record_keeps_its_owner_and_time(dsn, refusal_class, category):
    quarantined(dsn, refusal_class)
    assert rows(dsn, SHOWN) == [("quarantine", category, "finance", None, "")]
    assert rows(dsn, "select is_overdue from ops.exception") == [(True,)]


@pytest.mark.parametrize(
    ("state", "category", "owner", "command"),
    [
        ("DEAD", "ERP_UNKNOWN", "data_engineering", "replay"),
        ("CONFLICT", "ERP_CONFLICT", "finance", "replay"),
        ("REJECTED", "ERP_REJECTED", "finance", "waive"),
        ("UNKNOWN", "ERP_UNKNOWN", "data_engineering", ""),
    ],
)
def test_a_document_that_stands_still_waits_with_its_dollars(
    dsn, state, category, owner, command
):
    dead_entries(dsn, 1)
    behind_the_rules(dsn, f"update post.entry set state = '{state}'")
    expected = ("posting", category, owner, Decimal("1.00"), command)
    assert rows(dsn, SHOWN) == [expected]


def test_a_waived_document_waits_no_longer(dsn):
    dead_entries(dsn, 1)
    behind_the_rules(
        dsn,
        "update post.entry set state = 'REJECTED', "
        "waived_publication_id = publication_id",
    )
    assert rows(dsn, SHOWN) == []


def test_a_held_document_stands_once_whatever_holds_it(dsn):
    publish(dsn, journal("70.00", hold="unmapped_department"))
    propose(dsn)
    [held] = rows(dsn, SHOWN)
    assert held == ("gate", "MASTER_DATA", "data_steward", Decimal("70.00"), "")


@pytest.mark.parametrize("cause", ["unknown_account", "no_department"])
def test_what_waits_for_what_nobody_told_is_no_matter_of_mapping(dsn, cause):
    publish(dsn, journal("70.00", hold=cause))
    propose(dsn)
    [held] = rows(
        dsn, "select queue, category, owner, amount, runbook, cause from ops.exception"
    )
    assert held[:5] == (
        *("gate", "ORDER_WAIT", "revenue_cycle", Decimal("70.00")),
        "posting_stuck",
    )
    assert f"({cause})" in held[5]
    assert "worklist" not in held[5]
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="ORDER_WAIT"),
    ):
        connection.execute("update post.entry set state = 'READY'")


def test_an_owner_and_a_time_are_changed_in_one_row(dsn):
    dead_entries(dsn, 1)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "update ops.exception_category set owner = 'treasury', "
            "due_after = '1 microsecond' where category = 'ERP_UNKNOWN'"
        )
    assert rows(dsn, "select owner, is_overdue from ops.exception") == [
        ("treasury", True)
    ]


def reconciled(dsn, *amounts):
    """One reconciliation an amount: how far one account is off."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for amount in amounts:
            name = "amount_differs" if amount else ""
            connection.execute(
                "with run as (insert into ops.reconciliation_run (started_at, "
                "line_count, break_count, difference_amount, in_flight_amount) "
                "values (now(), 1, 0, 0, 0) returning run_id) "
                "insert into ops.reconciliation_line (run_id, scope, system_pair, "
                "facility_code, period, account_code, subject, unit, left_amount, "
                "right_amount, in_flight_amount, break_name) select run_id, 'account', "
                "'ledger:erp', 'MVH', '2026-01', '11200', '', 'USD', %s, 0, 0, %s "
                "from run",
                [amount, name],
            )


def test_a_break_is_as_old_as_the_first_run_that_found_it_since_it_was_even(dsn):
    reconciled(dsn, 5, 0, 5, 7)
    waiting = "select category, owner, amount, since from ops.exception"
    third = "select finished_at from ops.reconciliation_run where run_id = 3"
    [(since,)] = rows(dsn, third)
    assert rows(dsn, waiting) == [("RECON_BREAK", "finance", Decimal("7.0000"), since)]
    reconciled(dsn, 0)
    assert rows(dsn, waiting) == []


def test_the_list_adds_up_by_queue_and_names_the_dearest_first(dsn, capsys):
    dead_entries(dsn, 3)
    behind_the_rules(
        dsn,
        "update post.entry set total_amount_cents = 900000 "
        "where facility_code = 'F001'",
    )
    print_queues(dsn, None, 1, datetime.now(UTC) + timedelta(days=3))
    said = capsys.readouterr().out
    assert "9,002.00" in said
    assert "F001" in said
    assert "2 more" in said


def test_one_is_shown_with_what_to_do_next(dsn, capsys):
    (entry,) = dead_entries(dsn, 1)
    print_one(dsn, entry, datetime.now(UTC))
    said = capsys.readouterr().out
    assert "docs/runbooks/posting_stuck.md" in said
    assert "exceptions replay ID --by NAME" in said
    with pytest.raises(NoException, match="nothing with the id other"):
        print_one(dsn, "other", datetime.now(UTC))


def test_a_document_is_replayed_by_the_word_of_two(dsn, monkeypatch):
    (entry,) = dead_entries(dsn, 1)
    for module in ("exceptions", "four_eyes.requests"):
        monkeypatch.setattr(f"ledgerline.cli.{module}.warehouse", lambda: dsn)
    say = CliRunner().invoke
    unsaid = say(command.app, ["exceptions", "replay", entry])
    assert isinstance(unsaid.exception, exceptions.ReasonMissing)
    asked = ["exceptions", "replay", entry, "--by", "Ann", "--reason", "it is up"]
    assert "request 1" in say(command.app, asked).output
    approving = ["exceptions", "approve", "1", "--by"]
    assert "Ann asked" in str(say(command.app, [*approving, "Ann"]).exception)
    assert states(dsn) == {"DEAD": 1}
    assert say(command.app, [*approving, "Bo"]).exit_code == 0
    assert states(dsn) == {"READY": 1}
    assert rows(dsn, SHOWN) == []
