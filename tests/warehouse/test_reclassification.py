"""Cost that belongs to other cost centers moves to them, or says why it does not."""

from collections import defaultdict
from decimal import Decimal

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def moves(built_warehouse):
    """Rows of every rule, by its code."""
    made = defaultdict(list)
    for row in built_warehouse.rows(
        "select * from candidate_conformed.fct_cost_reclassification"
    ):
        made[row["reclassification_code"]].append(row)
    return made


def test_every_move_is_a_share_or_amount_of_what_is_booked(moves, built_warehouse):
    booked = {
        (row["facility_code"], row["posting_month"], row["cost_center_code"]): row[
            "amount"
        ]
        for row in built_warehouse.rows("""
            select
                facility_code, posting_month, cost_center_code, sum(gl_amount) as amount
            from candidate_conformed.fct_gl_entry
            where account_code = '60100' and cost_center_code is not null
            group by facility_code, posting_month, cost_center_code
        """)
    }
    assert moves["theatre_staff"]
    for row in moves["theatre_staff"]:
        balance = booked[
            row["facility_code"], row["service_month"], row["from_cost_center_code"]
        ]
        assert row["balance_amount"] == balance
        assert abs(row["moved_amount"] - balance * Decimal("0.111111")) < Decimal(".01")
    assert {row["moved_amount"] for row in moves["ward_linen"]} == {Decimal("100.01")}


def test_a_rule_moves_nothing_before_it_begins(moves):
    last = max(row["service_month"] for row in moves["theatre_staff"])
    assert {row["service_month"] for row in moves["clinic_heating"]} == {last}
    assert all(row["moved_amount"] > 0 for row in moves["clinic_heating"])


def test_a_rule_that_cannot_be_followed_is_an_exception_and_moves_nothing(
    moves, built_warehouse
):
    for code, reason in (
        ("not_booked_here", "no_balance"),
        ("closed_center", "unknown_target"),
    ):
        assert {
            (row["exception_reason"], row["moved_amount"]) for row in moves[code]
        } == {(reason, 0)}
    named = built_warehouse.rows("""
        select exception_reason, sum(cost_amount) as amount, sum(row_count) as count
        from candidate_conformed.fct_cost_exception
        where cost_method = 'reclassification'
        group by exception_reason
        order by exception_reason
    """)
    assert named == [
        {
            "exception_reason": "no_balance",
            "amount": 0,
            "count": len(moves["not_booked_here"]),
        },
        {
            "exception_reason": "unknown_target",
            "amount": 50 * len(moves["closed_center"]),
            "count": len(moves["closed_center"]),
        },
    ]
