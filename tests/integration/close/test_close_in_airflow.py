"""What Airflow hands on: who started the run asked, who answered decides."""

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ledgerline.orchestration import flows
from ledgerline.orchestration.flows import close as of_close
from ledgerline.orchestration.policy import APPROVE, REJECT
from tests.integration.close.month import MONTH, charge, conform
from tests.integration.posting.warehouse import journal, publish, rows

pytestmark = pytest.mark.integration


@pytest.fixture
def asked(dsn, monkeypatch):
    """Ann started close_month; yields what the next tasks are given."""
    monkeypatch.setattr(of_close, "warehouse", lambda: dsn)
    conform(dsn, charge("40.00", billed=False))
    publish(dsn, journal("100.00"))
    return flows.ask_for_close(MONTH, "ann", "month end")


def answered(option, name):
    return {
        "chosen_options": [option],
        "params_input": {},
        "responded_by_user": {"id": name, "name": name} if name else None,
    }


def test_who_answers_decides_in_their_own_name(dsn, asked):
    assert "accruals" in asked["checklist"]
    flows.decide_close(asked, answered(APPROVE, "bo"))
    found = rows(dsn, "select requested_by, decided_by, state from ops.request")
    assert found == [("ann", "bo", "approved")]
    with pytest.raises(AirflowFailException, match="cannot be sealed"):
        flows.seal_month(MONTH)


@pytest.mark.parametrize("name", ["ann", "Ann ", "ledgerline_poster", ""])
def test_who_asked_does_not_answer(dsn, asked, name):
    with pytest.raises(AirflowFailException):
        flows.decide_close(asked, answered(APPROVE, name))
    assert rows(dsn, "select count(*) from ops.period_close") == [(0,)]
    assert rows(dsn, "select state from ops.request") == [("proposed",)]


def test_a_rejection_closes_the_request_and_skips_the_rest(dsn, asked):
    with pytest.raises(AirflowSkipException):
        flows.decide_close(asked, answered(REJECT, "bo"))
    assert rows(dsn, "select state, decided_by from ops.request") == [
        ("rejected", "bo")
    ]


def test_a_run_that_nobody_started_asks_for_nothing(dsn, asked):
    with pytest.raises(AirflowFailException, match="logged-in user"):
        flows.ask_for_close(MONTH, None, "month end")
    assert rows(dsn, "select count(*) from ops.request") == [(1,)]
