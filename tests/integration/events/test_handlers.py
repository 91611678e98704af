"""A handler that fails, and events that fail in it."""

import pytest

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.events.fold import fold_visits
from ledgerline.events.workflow import handle
from ledgerline.events.workflow.event import EventKind
from ledgerline.events.workflow.handle import HandlerUnknown, handle_events
from ledgerline.events.workflow.handlers import review_billing
from tests.integration.events.test_workflow import stay

pytestmark = pytest.mark.integration


def failing(connection, events):
    raise SourceUnavailable("the laundry does not answer")


@pytest.fixture
def broken():
    """The table with one more handler, which always fails."""
    both = (failing, review_billing)
    return {EventKind.ENCOUNTER_COMPLETED: both}


@pytest.fixture
def queue(connection, warehouse):
    """What a handler has left: waiting and failed; with its events queued for it."""

    def rows():
        connection.execute(
            "insert into ops.event_delivery (event_id, handler, next_at)"
            " select event_id, 'failing', clock_timestamp() from ops.event"
            " on conflict do nothing"
        )
        return connection.execute(
            "select handler, waiting_count, failed_count from ops.handler_queue"
            " where handler in ('failing', 'review_billing')"
        ).fetchall()

    return rows


def test_a_handler_that_always_fails_keeps_its_own_queue_and_nobody_elses(
    feed, warehouse, connection, broken, queue
):
    for at_once in range(3):
        numbers = [f"MVH{at_once}{i:03}" for i in range(15)]
        feed(*(each for n in numbers for each in stay(n, n)))
        fold_visits(warehouse)
        queue()
        report = handle_events(warehouse, table=broken)
        assert report.handled == {"review_billing": 15}
        assert report.errors["failing"] <= 10
    assert queue() == [("failing", 45, 0)]
    assert connection.execute(
        "select count(*) from ops.expected_step where step = 'billing_review'"
    ).fetchone() == (45,)


def test_an_event_that_fails_again_and_again_is_given_up_and_can_be_tried_again(
    feed, warehouse, connection, broken, queue
):
    feed(*stay())
    fold_visits(warehouse)
    queue()
    for _ in range(6):
        connection.execute("update ops.event_delivery set next_at = clock_timestamp()")
        handle_events(warehouse, table=broken)
    assert queue() == [("failing", 0, 1)]
    [(work, owner, what)] = connection.execute(
        "select work, owner, what from ops.stuck_work"
    ).fetchall()
    assert (work, owner) == ("failing", "data_engineering")
    assert what == "The handler ends in SOURCE_UNAVAILABLE"
    with pytest.raises(HandlerUnknown, match="review_billing"):
        handle.retry(warehouse, "failing")


def test_one_bad_event_does_not_keep_the_others(feed, warehouse, connection, queue):
    numbers = [f"MVH{i:03}" for i in range(20)]
    feed(*(each for n in numbers for each in stay(n, n)))
    fold_visits(warehouse)
    queue()
    (bad,) = connection.execute("select min(event_id) + 7 from ops.event").fetchone()

    def failing(connection, events):
        if bad in events:
            raise ZeroDivisionError

    report = handle_events(warehouse, table={EventKind.ENCOUNTER_COMPLETED: (failing,)})
    assert report.handled == {"failing": 19}
    assert connection.execute(
        "select event_id, error_code, attempts from ops.event_delivery"
        " where handler = 'failing' and state = 'waiting'"
    ).fetchall() == [(bad, "ZeroDivisionError", 1)]
    assert handle.repository.retry(connection, "failing") == 1
    assert queue() == [("failing", 1, 0), ("review_billing", 20, 0)]
