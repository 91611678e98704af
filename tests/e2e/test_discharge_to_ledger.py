"""A discharge goes to the ERP by itself, and the full run after it posts nothing."""

from collections import Counter

import pytest

from bench.discharges import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.long]


@pytest.fixture
def discharged(new_hospital):
    """A hospital whose stack took two discharges to the ERP, and was stopped."""
    hospital = new_hospital("discharged", LEDGERLINE_INCREMENTS="1")
    stack = Stack(hospital.home, 0, hospital.environment)
    try:
        stack.start()
        stack.warm()
        assert stack.until(stack.is_quiet, 300)
    finally:
        stack.ledgerline("down")
    assert stack.ledgerline("prepare") == 0, "without Airflow's processes"
    return hospital, stack


def test_a_discharge_is_posted_once_and_a_full_run_adds_nothing(discharged):
    hospital, stack = discharged
    posted = stack.posted(stack.accounts)
    assert sorted(posted) == stack.accounts
    by_events = hospital.rows(
        "select decision.run_id from ops.publication as publication "
        "inner join ops.gate_decision as decision using (decision_id) "
        "where starts_with(decision.run_id, 'asset_triggered') "
        "and strpos(decision.run_id, '/') > 0"
    )
    assert by_events, "the task of events published"
    documents = hospital.rows("select erp_document from post.ledger order by 1")
    references = Counter(hospital.erp().references())
    assert set(references.values()) == {1}
    hospital.extra["LEDGERLINE_INCREMENTS"] = "0"
    full = hospital.run()
    assert full.returncode == 0, full.stdout
    assert "New ERP documents in this run: 0" in full.stdout
    assert hospital.rows("select erp_document from post.ledger order by 1") == documents
    assert Counter(hospital.erp().references()) == references
