"""What people do with the quarantine: look at one record, replay it."""

import io
import json
from datetime import UTC, datetime

import psycopg
import pytest
from rich.console import Console

from ledgerline.operations.exceptions.queue import print_queues
from ledgerline.operations.exceptions.replaying import (
    NothingChosen,
    choose,
    print_replay,
)
from ledgerline.operations.exceptions.show import (
    NothingInQuarantine,
    print_exception,
)
from ledgerline.operations.raw_bytes import BytesForbidden, Reader, print_bytes
from ledgerline.operations.report import print_report
from ledgerline.quality.check import Severity
from ledgerline.quality.sources import check_sources
from ledgerline.store.roles import set_passwords
from tests.integration.contracts.row_source import (
    balance,
    land_pages,
    page,
)

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def number(warehouse_dsn):
    """A row whose quantity is a patient's name, and one that has a new property."""
    land_pages(
        warehouse_dsn,
        page("stock.balance", balance("A", "Jane Roe"), balance("B", extra_count=1)),
    )
    with psycopg.connect(warehouse_dsn) as connection:
        [[found]] = connection.execute(
            "select quarantine_id from ops.quarantined_record"
        ).fetchall()
    return found


def role_dsn(dsn, role):
    set_passwords(dsn, {role: "for-this-test"})
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    changed = parts | {"user": f"ledgerline_{role}", "password": "for-this-test"}
    return psycopg.conninfo.make_conninfo(**changed)


def test_one_exception_is_shown_with_everything_but_its_values(
    warehouse_dsn, number, capsys
):
    print_exception(warehouse_dsn, number)
    shown = capsys.readouterr().out
    row = json.dumps(balance("A", "Jane Roe"))
    for expected in (
        f"Exception {number}: CONTRACT_DRIFT (open)",
        "erp, stock.balance, stage parse",
        "stock.balance-00001.ndjson@0",
        "the property quantity has the wrong type [type]",
        "owner   interface_team",
        "Compare the place in the message with the entity's contract",
        f"byte 0, {len(row)} bytes of the content",
        "sha256",
    ):
        assert expected in shown
    assert "Jane" not in shown


def test_bytes_are_shown_to_a_role_that_may_read_them_and_leave_a_trace(
    warehouse_dsn, number, capsys
):
    reader = Reader(dsn=warehouse_dsn, role="owner", by="steward")
    print_exception(warehouse_dsn, number, reader)
    assert '"quantity": "Jane Roe"' in capsys.readouterr().out
    with psycopg.connect(warehouse_dsn) as connection:
        events = connection.execute(
            "select subject_id, detail ->> 'by' from audit.event "
            "where action = 'bytes_shown'"
        ).fetchall()
    assert events == [(str(number), "steward")]


def test_bytes_are_shown_as_they_are_and_do_nothing_to_the_terminal(capsys):
    print_bytes(Console(), b"11:A:1 [b]\x1b[2J\r\n\xff\tend")
    assert capsys.readouterr().out.endswith("11:A:1 [b]\\x1b[2J\\x0d\n\\xff\\x09end\n")


@pytest.mark.parametrize("role", ["analyst", "executive", "poster"])
def test_other_roles_see_no_bytes(warehouse_dsn, number, role, capsys):
    reader = Reader(dsn=role_dsn(warehouse_dsn, role), role=role, by="someone")
    with pytest.raises(BytesForbidden, match=role):
        print_exception(warehouse_dsn, number, reader)
    assert "Jane" not in capsys.readouterr().out


def test_a_number_that_is_not_in_quarantine_is_said_so(warehouse_dsn):
    with pytest.raises(NothingInQuarantine, match="no record 999999"):
        print_exception(warehouse_dsn, 999_999)


def test_the_list_keeps_the_brackets_of_a_reason(warehouse_dsn, number, capsys):
    print_queues(warehouse_dsn, "quarantine", 50, datetime.now(UTC))
    assert "[type]" in capsys.readouterr().out


def test_drift_shows_in_the_status_and_as_a_warning_of_the_source(
    warehouse_dsn, number
):
    out = Console(file=io.StringIO(), width=160)
    print_report(warehouse_dsn, datetime(2020, 1, 1, tzinfo=UTC), out)
    shown = out.file.getvalue()
    assert "Beyond the contracts (warning)" in shown
    assert "extra_count" in shown
    [result] = [
        each
        for each in check_sources(warehouse_dsn, "a run")
        if (each.check.suite, each.check.name) == ("erp", "contract_additions")
    ]
    assert not result.passed
    assert result.severity is Severity.WARN
    assert result.observed == "stock.balance.extra_count"
    with psycopg.connect(warehouse_dsn) as connection:
        [stored] = connection.execute(
            "select severity, status, failed_count from ops.check_result "
            "where suite = 'erp' and check_name = 'contract_additions'"
        ).fetchall()
    assert stored == ("warn", "fail", 1)


def test_a_replay_says_what_it_came_to(warehouse_dsn, number, capsys):
    chosen = choose(number, None, None, is_all=False)
    report = print_replay(warehouse_dsn, chosen, by="tester")
    assert report.still_refused == 1
    assert "1 still refused" in capsys.readouterr().out
    print_exception(warehouse_dsn, number)
    assert "refused" in capsys.readouterr().out
    print_replay(warehouse_dsn, choose(None, "SHAPE", None, is_all=False), by="tester")
    assert "nothing open matches" in capsys.readouterr().out


def test_a_replay_must_say_of_what():
    with pytest.raises(NothingChosen, match="--all-open"):
        choose(None, None, None, is_all=False)
