"""`ledgerline gate show`: the dollars that wait, and which fix frees most of them."""

import io

import psycopg
import pytest
from rich.console import Console

from ledgerline.operations.gate.show import print_gate
from ledgerline.posting import propose
from ledgerline.store.engine import connect
from tests.integration.posting.warehouse import journal, publish

pytestmark = pytest.mark.integration


def screen(dsn):
    out = Console(file=io.StringIO(), width=300, highlight=False)
    with connect(dsn) as connection:
        print_gate(out, connection)
    return out.file.getvalue()


def test_what_holds_most_dollars_is_named_first_with_what_frees_it(dsn):
    publish(
        dsn,
        [
            *journal("100.00"),
            *journal("7.00", "LGH"),
            *journal("30.00", hold="unmapped_payer"),
            *journal("20.00", "LGH", hold="unmapped_payer"),
            *journal("9.00", hold="unmapped_cost_center"),
        ],
        verdict="HOLD",
        held=["LGH"],
    )
    propose(dsn)
    shown = screen(dsn)
    assert "Dollars held: 166.00 USD, the fix worth most first" in shown
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in shown.splitlines()
        if line.startswith("│")
    ]
    assert rows == [
        ["not yet released", "MVH", "1", "100.00", "run post_to_erp"],
        [
            *("unmapped payer", "", "2", "50.00"),
            "map the codes: `ledgerline crosswalk worklist`",
        ],
        [
            *("unmapped cost center", "", "1", "9.00"),
            "give the department or revenue code a cost center: "
            "department_cost_center.csv, revenue_center.csv, cost_center.csv",
        ],
        [
            *("a check of its facility", "LGH", "1", "7.00"),
            "correct what its checks below name, or `ledgerline gate waive`",
        ],
    ]


def test_behind_a_block_waits_what_the_judged_rows_would_change(dsn):
    publish(dsn, journal("100.00"))
    publish(dsn, journal("100.00"), verdict="BLOCK")
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "create schema if not exists candidate_outbound; "
            "create table candidate_outbound.out_journal_line as select * from "
            "outbound.out_journal_line; update candidate_outbound.out_journal_line "
            "set amount = amount * 1.25"
        )
    assert "25.00 USD of journal lines wait behind the block" in screen(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("drop table outbound.out_journal_line")
    assert "125.00 USD of journal lines wait behind the block" in screen(dsn)
