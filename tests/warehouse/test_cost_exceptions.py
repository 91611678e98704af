"""What cannot be costed as it should is named with its dollars, and loses no cent."""

import secrets
from collections import defaultdict
from decimal import Decimal

import psycopg
import pytest

from ledgerline.quality.suite import forbidden_rows
from ledgerline.store.roles import set_passwords
from ledgerline.transformation.scope import open_full
from tests.warehouse.build import assert_dbt
from tests.warehouse.conftest import BuiltWarehouse
from tests.warehouse.cost_faults import PLANTED
from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration

ASKED = (
    *("fct_cost_exception", "fct_encounter_cost", "supply_exception"),
    *("fct_gl_entry", "fct_charge"),
)
COSTED = "conformed.fct_encounter_cost"
NAMED = {
    *("zero_basis", "allocation_loop", "no_allocation_step", "negative_balance"),
    *("rcc_out_of_range", "charge_without_cost_center", "no_relative_value"),
    *("zero_volume", "no_charges", "unused_capacity"),
    *("item_without_price", "unmapped_item", "unmapped_cost_center"),
}


@pytest.fixture(scope="module")
def troubled(built_warehouse, tmp_path_factory):
    """The hospital's warehouse, built again with everything that can be wrong."""
    target = tmp_path_factory.mktemp("troubled")
    with copied(built_warehouse.dsn, "troubled") as dsn:
        with psycopg.connect(dsn) as connection:
            for what, statements in PLANTED.items():
                for statement in statements.split(";"):
                    assert connection.execute(statement).rowcount, what
        password = secrets.token_urlsafe(12)
        set_passwords(dsn, {"build": password})
        open_full(dsn)
        asked = [f"+{name}" for name in ASKED]
        assert_dbt(dsn, target, password, "run", "--select", *asked)
        yield BuiltWarehouse(dsn=dsn, truth=built_warehouse.truth)


@pytest.fixture(scope="module")
def exceptions(troubled):
    """Rows of every reason."""
    found = defaultdict(list)
    for row in troubled.rows("select * from candidate_conformed.fct_cost_exception"):
        found[row["exception_reason"]].append(row)
    return found


def test_every_fault_has_its_row(exceptions):
    for reason in sorted(NAMED):
        rows = exceptions[reason]
        cost = sum(row["cost_amount"] or 0 for row in rows)
        charges = sum(row["charge_amount"] for row in rows)
        print(f"{reason}: {len(rows)} rows, cost {cost}, charges {charges}")
    assert exceptions.keys() >= NAMED


def test_no_cent_is_lost_for_any_of_them(troubled):
    rules = [
        rule
        for rule in forbidden_rows()
        if rule.relation == COSTED and rule.expectation.name.endswith("_not_conserved")
    ]
    assert len(rules) == 2
    for rule in rules:
        query = rule.expectation.query.replace(
            "from batch", "from candidate_conformed.fct_encounter_cost"
        )
        assert troubled.rows(query) == [], rule.expectation.name
    unallocated = troubled.value(
        "select sum(cost_amount) from candidate_conformed.fct_encounter_cost "
        "where cost_method = 'unallocated'"
    )
    named = troubled.value(
        "select sum(cost_amount) from candidate_conformed.fct_cost_exception "
        "where cost_method = 'unallocated'"
    )
    assert unallocated == named > 0


@pytest.mark.parametrize(
    ("reason", "center"),
    [("zero_basis", "MVH-7020"), ("no_allocation_step", "LGH-7020")],
)
def test_overhead_that_nobody_takes_stays_with_all_that_it_received(
    troubled, exceptions, reason, center
):
    kept = {row["service_month"]: row["cost_amount"] for row in exceptions[reason]}
    assert {row["cost_center_code"] for row in exceptions[reason]} == {center}
    own = ledger(troubled, center)
    assert kept.keys() == own.keys()
    assert all(kept[month] >= own[month] > 0 for month in own)


def test_a_loop_without_an_exit_keeps_what_it_holds(exceptions):
    looped = {row["cost_center_code"] for row in exceptions["allocation_loop"]}
    assert looped == {"NRC-7010", "NRC-7020"}
    assert all(row["cost_amount"] > 0 for row in exceptions["allocation_loop"])


def test_a_credit_is_left_out_of_a_base_of_accumulated_cost(troubled, exceptions):
    left = [
        row
        for row in exceptions["negative_balance"]
        if row["cost_method"] == "allocation"
    ]
    centers = ("LGH-6060", "LGH-6090")
    assert {row["cost_center_code"] for row in left} == set(centers)
    assert len(left) == sum(len(ledger(troubled, center)) for center in centers)
    assert all(row["cost_amount"] < 0 for row in left)


def test_more_credits_than_cost_are_given_to_nobody(troubled, exceptions):
    kept = [
        row
        for reason in ("negative_balance", "rcc_out_of_range")
        for row in exceptions[reason]
        if row["cost_center_code"] == "LGH-6060" and row["cost_method"] == "unallocated"
    ]
    assert {row["exception_reason"] for row in kept} >= {"negative_balance"}
    [costed] = troubled.rows("""
        select sum(cost_amount) as amount,
            sum(cost_amount) filter (where cost_method <> 'unallocated') as given
        from candidate_conformed.fct_encounter_cost
        where cost_center_code = 'LGH-6060' and cost_method <> 'actual'
    """)
    assert sum(row["cost_amount"] for row in kept) == costed["amount"] < 0
    assert costed["given"] is None


def test_what_a_facility_had_on_a_center_that_it_lost_is_named(troubled, exceptions):
    named = [
        row
        for row in exceptions["unmapped_cost_center"]
        if row["cost_center_code"] == "MVH-7030"
    ]
    assert {(row["facility_code"], str(row["service_month"])) for row in named} == {
        ("MVH", "2026-02-01")
    }
    booked = ledger(troubled, "MVH-7030")
    [february] = [month for month in booked if month.month == 2]
    assert 0 < sum(row["cost_amount"] for row in named) <= booked[february]


def test_cost_beyond_ten_times_the_charges_is_given_to_nobody(troubled, exceptions):
    dear = [
        row
        for row in exceptions["rcc_out_of_range"]
        if row["cost_center_code"] == "MVH-6090" and row["cost_component"] == "labor"
    ]
    assert sum(row["cost_amount"] for row in dear) == troubled.value(
        "select sum(gl_amount) from candidate_conformed.fct_gl_entry "
        "where cost_center_code = 'MVH-6090' and account_class = 'labor'"
    )


def test_charges_without_a_cost_center_are_named_with_their_dollars(
    troubled, exceptions
):
    named = exceptions["charge_without_cost_center"]
    [known] = troubled.rows(
        "select sum(charge_amount) as amount, count(*) as number "
        "from candidate_conformed.fct_charge where cost_center_code = 'unmapped'"
    )
    assert sum(row["charge_amount"] for row in named) == known["amount"] > 0
    assert sum(row["row_count"] for row in named) == known["number"]


@pytest.mark.parametrize(
    ("reason", "item", "kind"),
    [
        ("item_without_price", "ITM00305", "usage_without_price"),
        ("unmapped_item", "unmapped", "usage_of_unmapped_item"),
    ],
)
def test_a_usage_of_which_no_cost_is_known_is_not_said_to_cost_nothing(
    troubled, exceptions, reason, item, kind
):
    used = troubled.value(
        "select count(*) from candidate_conformed.fct_supply_usage "
        f"where item_code = '{item}'"
    )
    assert sum(row["row_count"] for row in exceptions[reason]) == used > 0
    assert {row["cost_amount"] for row in exceptions[reason]} == {None}
    told = troubled.rows(
        "select touched_amount, valuation_method from candidate_marts.supply_exception "
        f"where exception_kind = '{kind}' and item_code = '{item}'"
    )
    assert len(told) == used
    assert all(row["touched_amount"] != 0 and row["valuation_method"] for row in told)


def test_a_unit_that_nobody_can_convert_is_named_with_what_it_costs_so(troubled):
    told = troubled.rows(
        "select touched_amount from candidate_marts.supply_exception "
        "where exception_kind = 'usage_without_unit_conversion'"
    )
    costed = troubled.value(
        "select sum(supply_cost) from candidate_conformed.fct_supply_usage "
        "where quantity_unit = 'pallet' or quantity_issue <> ''"
    )
    assert sum(row["touched_amount"] for row in told) == costed > Decimal(0)


def ledger(warehouse, center):
    """What the ledger has on a cost center, by month."""
    return {
        row["posting_month"]: row["amount"]
        for row in warehouse.rows(
            "select posting_month, sum(gl_amount) as amount "
            "from candidate_conformed.fct_gl_entry "
            f"where cost_center_code = '{center}' and gl_amount <> 0 "
            "group by posting_month"
        )
    }
