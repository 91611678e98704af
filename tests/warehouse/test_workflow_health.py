"""Whether purchasing stands still, and whether readers see how a visit ended."""

from collections import Counter
from decimal import Decimal


def test_workflow_health_asks_of_purchasing_and_of_the_final_state(hospital):
    finished = Counter(
        row["facility_code"]
        for row in hospital.truth("encounter")
        if row["status"] == "finished"
    )
    wanted = Counter(
        row["location_code"].partition("-")[0]
        for row in hospital.truth("replenishment_need")
        if Decimal(row["needed"]) > 0
    )
    short = Counter()
    for row in hospital.truth("purchase_order"):
        ordered, received = (
            Decimal(row[f"{what}_quantity"]) for what in ("ordered", "received")
        )
        if received and received < ordered:
            missing = (ordered - received) * Decimal(row["unit_price"])
            short[row["location_code"].partition("-")[0]] += round(missing, 2)
    told = {
        (facility, step): numbers
        for facility, step, *numbers in hospital.rows(
            "select facility_code, step, expected_count, done_count, waiting_amount "
            "from marts.workflow_health where step_number > 8"
        )
    }
    for facility, count in finished.items():
        assert told[facility, "final_state_published"][:2] == [count, count]
        assert told[facility, "receipt_matched"][2] == short[facility] > 0
    asked = {
        facility: expected
        for (facility, step), (expected, done, _) in told.items()
        if step == "requisition_placed" and expected == done
    }
    assert sum(asked.values()) >= sum(wanted.values()) > 0
