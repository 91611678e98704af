"""One run takes a hospital's days to posted, reconciled ERP documents."""

from collections import Counter
from decimal import Decimal

import pytest

from tests.hospital import by

pytestmark = pytest.mark.e2e

PROFITABILITY = (
    *("encounter_count", "discharge_count", "drg_weight_total"),
    *("gross_charge_amount", "contractual_amount", "denial_amount"),
    *("other_adjustment_amount", "patient_share_amount", "paid_amount"),
    *("net_revenue_amount", "unadjudicated_gross_amount", "labor_cost"),
    *("supply_cost", "implant_cost", "drug_cost", "other_direct_cost"),
    "overhead_cost",
)


@pytest.fixture(scope="module")
def hospital(hospital_day):
    return hospital_day[0]


def test_the_run_prints_what_happened(hospital_day):
    printed = hospital_day[1]
    for heading in ("What came in", "Gate: decision", "ERP documents", "Service lines"):
        assert heading in printed
    assert "Reconciliation difference: 0.00" in printed


def test_every_batch_balances(hospital):
    assert (
        hospital.rows(
            "select * from ops.landing_balance "
            "where difference_count <> 0 or status <> 'complete'"
        )
        == []
    )


def test_planted_defects_end_in_quarantine_by_class(hospital):
    planted = {
        (row["source"], row["expected_class"], place(row))
        for row in hospital.truth("defects")
        if row["is_quarantined"] == "true"
    }
    found = hospital.rows("select source, class, locator from ops.quarantined_record")
    assert planted
    assert set(found) == planted
    assert len(found) == len(planted)


def place(defect):
    """Return where a planted defect lies, as quarantine names it."""
    offset = defect["locator"].removeprefix("byte ")
    return f"{defect['file_name']}@{offset}"


def test_messages_sent_again_are_counted_as_duplicates(hospital):
    sent_again = sum(
        row["defect_code"] == "duplicate_message" for row in hospital.truth("defects")
    )
    [(counted,)] = hospital.rows(
        "select duplicate_count from ops.landing_balance "
        "where source = 'ehr_hl7v2' order by batch_id limit 1"
    )
    assert counted == sent_again


def test_profitability_equals_the_truth_in_every_column(hospital):
    keys = ("service_month", "facility_code", "service_line_code", "payer_class")
    columns = ", ".join((*keys, *PROFITABILITY))
    mart = {
        (str(row[0]), *row[1:4]): tuple(Decimal(value) for value in row[4:])
        for row in hospital.rows(
            f"select {columns} from marts.service_line_profitability"
        )
    }
    truth = {
        tuple(row[key] for key in keys): tuple(
            Decimal(row[column]) for column in PROFITABILITY
        )
        for row in hospital.truth("service_line_profitability")
    }
    assert mart == truth


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("conformed", "select sum(charge_amount) from conformed.fct_charge"),
        (
            "marts",
            "select sum(gross_charge_amount) from marts.service_line_profitability",
        ),
        (
            "outbox",
            "select -sum(l.amount_cents) / 100.0 from post.entry_line l "
            "join post.entry e using (entry_id) where e.state = 'POSTED' "
            "and l.account_code in ('40100', '40200')",
        ),
    ],
)
def test_gross_charges_in_force_are_conserved(hospital, name, sql):
    charges = sum(Decimal(row["charge_amount"]) for row in hospital.truth("charge"))
    assert hospital.value(sql) == charges


def test_everything_that_was_submitted_is_in_the_raw_records(hospital):
    submitted = hospital.truth_json("totals")["billing"]["submitted_charge_amount"]
    landed = hospital.value(
        "select sum((l ->> 'charge_amount')::numeric) from raw_billing.record, "
        "jsonb_array_elements(body -> 'lines') l "
        "where resource_type = '837.claim'"
    )
    assert landed == Decimal(submitted)


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        (
            "raw",
            "select sum((body ->> 'paid_amount')::numeric) from raw_billing.record "
            "where resource_type = '835.claim'",
        ),
        ("conformed", "select sum(paid_amount) from conformed.fct_payment"),
        ("marts", "select sum(paid_amount) from marts.service_line_profitability"),
    ],
)
def test_payments_are_conserved(hospital, name, sql):
    paid = sum(Decimal(row["paid_amount"]) for row in hospital.truth("payment"))
    assert hospital.value(sql) == paid


def test_the_erp_trial_balance_equals_the_truth(hospital):
    truth = by(
        [
            {**row, "month": row["posting_date"][:7]}
            for name in ("gl_opening", "ledger")
            for row in hospital.truth(name)
        ],
        ("account_code", "month"),
        "amount",
    )
    assert hospital.erp().trial_balance() == truth
    assert sum(truth.values()) == 0


@pytest.mark.parametrize("axis", ["cost_center_code", "service_line_code"])
def test_cost_objects_in_the_erp_equal_the_truth(hospital, axis):
    rows = [row for n in ("gl_opening", "ledger") for row in hospital.truth(n)]
    truth = by([row for row in rows if row[axis]], ("account_code", axis), "amount")
    codes = {code for _, code in truth}
    found = hospital.erp().cost_objects()
    assert {k: v for k, v in found.items() if k[1] in codes} == truth


def test_stock_in_the_erp_equals_the_truth(hospital):
    stock = hospital.erp().stock()
    for row in hospital.truth("stock"):
        key = (row["location_code"], row["item_code"], row["lot_number"])
        assert stock[key] == Decimal(row["on_hand"]), key


def test_reconciliation_ends_at_zero(hospital):
    pairs = hospital.rows(
        "select system_pair, count(*), sum(abs(difference_amount)) "
        "from marts.reconciliation group by 1"
    )
    assert pairs
    assert all(count and difference == 0 for _, count, difference in pairs)


def test_every_posted_document_is_in_the_erp_once(hospital):
    posted = hospital.rows("select natural_key from post.entry where state = 'POSTED'")
    references = hospital.erp().references()
    assert sorted(references) == sorted(f"LL|{key}" for (key,) in posted)


def test_workflow_health_counts_what_is_done_and_what_waits(hospital):
    steps = {
        (facility, step): numbers
        for facility, step, *numbers in hospital.rows(
            "select facility_code, step, expected_count, done_count, waiting_amount "
            "from marts.workflow_health"
        )
    }
    used = Counter(
        row["facility_code"]
        for row in hospital.truth("supply_usage")
        if Decimal(row["cost_amount"])
    )
    answered = Counter(
        row["facility_code"]
        for row in hospital.truth("claim")
        if row["is_adjudicated"] == "true"
    )
    for facility, count in used.items():
        assert steps[facility, "supply_posted"][:2] == [count, count]
        assert steps[facility, "claim_answered"][1] == answered[facility]
    waiting = sum(
        amount for (_, step), (_, _, amount) in steps.items() if "_posted" in step
    )
    held = "select sum(total_amount) from post.entry where state = 'HELD'"
    assert waiting == hospital.value(held) > 0


def test_time_to_ledger_counts_every_posted_fact_once(hospital):
    done = hospital.value(
        "select sum(done_count) from marts.workflow_health where step ~ '_posted$'"
    )
    [(facts, fastest, slowest)] = hospital.rows(
        "select sum(fact_count), min(median_landing_hours), max(p95_landing_hours) "
        "from marts.time_to_ledger"
    )
    assert facts == done
    assert 0 < fastest <= slowest < 1


def test_reconciliation_effort_counts_what_nobody_had_to_compare(hospital):
    [(compared, agreed, minutes, hours)] = hospital.rows(
        "select sum(compared_count), sum(agreed_count), min(assumed_minutes), "
        "sum(avoided_hours) from marts.reconciliation_effort"
    )
    balances = {
        (row["facility_code"], row["posting_date"][:7], row["account_code"])
        for row in hospital.truth("ledger")
    }
    assert compared == agreed >= len(balances)
    assert abs(hours - agreed * minutes / 60) < Decimal("0.1")


def test_readers_see_marts_and_nothing_unproven(hospital):
    import psycopg

    dsn = hospital.ledgerline("dsn", "--role", "analyst").stdout.strip()
    with psycopg.connect(dsn) as connection:
        mart = connection.execute(
            "select count(*) from marts.service_line_profitability"
        ).fetchone()
        assert mart[0] > 0
        for live in ("workflow_health", "time_to_ledger", "reconciliation_effort"):
            assert connection.execute(f"select * from marts.{live}").fetchall()
        for hidden in (
            "candidate_conformed.fct_charge",
            "raw_ehr.record",
            "post.entry",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from {hidden} limit 1")
            connection.rollback()


def test_a_second_run_posts_nothing_new(hospital):
    before = sorted(hospital.erp().references())
    done = hospital.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert "New ERP documents in this run: 0" in done.stdout
    assert "Reconciliation difference: 0.00" in done.stdout
    assert sorted(hospital.erp().references()) == before
