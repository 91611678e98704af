"""Every claim of the sandbox ends as its life went, by payer order and to the cent."""

from collections import defaultdict
from decimal import Decimal

import pytest

from ledgerline.lineage.wait import note_waiting

pytestmark = pytest.mark.integration

AMOUNTS = (
    *("charge_amount", "contractual_amount", "denial_amount"),
    *("other_adjustment_amount", "patient_share_amount", "paid_amount"),
)
PATHS = (
    *("accepted", "rejected_then_resubmitted", "set_rejected_then_resent", "denied"),
    *("denied_then_replaced", "voided", "interim", "late_charge", "secondary_payer"),
    *("corrected_by_payer", "replacement_without_prior", "never_sent", "unanswered"),
    *("reversal_without_original", "denied_twice", "denied_then_voided"),
)
FOUND = """
with part as (
    select
        claim_id,
        'P' as payer_sequence,
        'charge_amount' as measure,
        gross_charge_amount as amount
    from candidate_conformed.fct_claim
    union all
    select claim_id, payer_sequence, 'paid_amount', paid_amount
    from candidate_conformed.fct_payment
    union all
    select
        claim_id,
        payer_sequence,
        case adjustment_category
            when 'other' then 'other_adjustment' else adjustment_category
        end || '_amount',
        adjustment_amount
    from candidate_conformed.fct_remittance_adjustment
    where not is_passed_on and adjustment_category <> 'prior_payer'
)
select claim_id, payer_sequence, measure, sum(amount) as amount
from part
group by claim_id, payer_sequence, measure
"""


@pytest.fixture(scope="module")
def found(built_warehouse):
    """The amounts of each claim and payer order, by name."""
    amounts = defaultdict(lambda: dict.fromkeys(AMOUNTS, Decimal("0.00")))
    for row in built_warehouse.rows(FOUND):
        key = row["claim_id"], row["payer_sequence"]
        amounts[key][row["measure"]] = row["amount"]
    return amounts


@pytest.fixture(scope="module")
def true(built_warehouse):
    """What the sandbox knows of each claim and payer order."""
    return {
        (row["claim_id"], row["payer_sequence"]): row
        for row in built_warehouse.true_rows("claim_root")
    }


@pytest.mark.parametrize("path", PATHS)
def test_every_claim_of_a_path_has_the_amounts_of_the_truth(path, found, true):
    walked = [key for key, row in true.items() if path in row["path"].split("+")]
    assert walked
    for key in walked:
        assert found[key] == {name: Decimal(true[key][name]) for name in AMOUNTS}, key


def test_no_claim_has_money_that_the_truth_does_not_know(found, true):
    assert {key for key, row in found.items() if any(row.values())} <= true.keys()
    for measure in AMOUNTS:
        everything = sum(Decimal(row[measure]) for row in true.values())
        assert sum(row[measure] for row in found.values()) == everything


def test_every_claim_stands_where_its_life_left_it(built_warehouse, true):
    states = {
        row["claim_id"]: row["life_cycle_state"]
        for row in built_warehouse.rows("select * from candidate_conformed.fct_claim")
    }
    assert states == {
        claim_id: row["life_cycle_state"]
        for (claim_id, _), row in true.items()
        if row["path"] != "never_sent"
    }


def test_every_submission_is_in_force_or_says_why_not(built_warehouse):
    found = built_warehouse.rows("""
        select submission_state, sum(gross_charge_amount) as amount
        from candidate_conformed.fct_claim_submission
        group by submission_state
    """)
    amounts = {row["submission_state"]: row["amount"] for row in found}
    assert set(amounts) == {
        *("in_force", "rejected", "replaced", "voided", "void", "next_payer"),
        "waits_for_prior",
    }
    said = built_warehouse.value("""
        select sum((line ->> 'charge_amount')::numeric)
        from raw_billing.current_record,
            jsonb_array_elements(body -> 'lines') as line
        where resource_type = '837.claim'
    """)
    assert sum(amounts.values()) == said


def test_every_reversal_names_what_it_takes_back_or_waits(built_warehouse, true):
    payments = built_warehouse.rows("select * from candidate_conformed.fct_payment")
    by_id = {row["payment_id"]: row for row in payments}
    lost = set()
    for row in payments:
        assert row["is_reversal"] == (row["claim_status_code"] == "22")
        if row["waits_for_original"]:
            lost.add(row["claim_id"])
        elif row["is_reversal"]:
            original = by_id[row["reverses_payment_id"]]
            assert original["is_reversed"]
            assert original["claim_id"] == row["claim_id"]
            assert original["paid_amount"] == -row["paid_amount"]
    assert lost == {
        claim_id
        for (claim_id, _), row in true.items()
        if "reversal_without_original" in row["path"]
    }


def test_a_patient_is_asked_once_for_what_two_payers_left(built_warehouse, true):
    found = built_warehouse.rows("""
        select claim.* from candidate_conformed.fct_claim as claim
        where passed_on_amount <> 0
    """)
    assert {row["claim_id"] for row in found} == {
        claim_id for (claim_id, payer), _ in true.items() if payer == "S"
    }
    assert all(row["open_amount"] == 0 for row in found)
    assert all(row["prior_payer_amount"] > 0 for row in found)


def test_what_waits_is_an_exception_where_the_defect_was_planted(built_warehouse):
    note_waiting(built_warehouse.dsn)
    found = built_warehouse.rows("""
        select resource_type, locator, status, due_at > created_at as is_due_later
        from ops.quarantined_record
        where stage = 'lineage' and class = 'ORDER_WAIT'
    """)
    planted = {
        (row["resource_type"], f"{row['file_name']}@{row['locator'].split()[1]}")
        for row in built_warehouse.true_rows("defects")
        if row["source"] == "billing_x12" and row["expected_class"] == "ORDER_WAIT"
    }
    assert {(row["resource_type"], row["locator"]) for row in found} == planted
    assert {row["status"] for row in found} == {"open"}
    assert all(row["is_due_later"] for row in found)


def test_every_charge_knows_its_days_and_late_ones_are_late(built_warehouse):
    found = built_warehouse.rows("select * from candidate_conformed.fct_charge")
    true = {row["charge_id"]: row for row in built_warehouse.true_rows("charge")}
    assert {row["charge_id"] for row in found} == true.keys()
    for row in found:
        known = true[row["charge_id"]]
        days = (row["service_date"], row["posted_date"], row["submitted_date"])
        assert [str(day or "") for day in days] == [
            *(known["service_date"], known["post_date"], known["submission_date"])
        ]
    assert {row["claim_id"] for row in found if row["is_late"]} == {
        row["claim_id"]
        for row in built_warehouse.true_rows("claim_root")
        if "late_charge" in row["path"].split("+")
    }


def test_every_charge_and_adjustment_points_to_its_segment(built_warehouse):
    for table in ("fct_charge", "fct_remittance_adjustment", "fct_provider_adjustment"):
        [lost] = built_warehouse.rows(f"""
            select count(*) as rows
            from candidate_conformed.{table}
            where num_nulls(record_id, byte_offset, segment_number) > 0
        """)
        assert lost["rows"] == 0, table
