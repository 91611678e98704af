"""Who waits for events is woken soon, once for many, and goes on after an outage."""

import asyncio
import threading
import time

import psycopg
import pytest

from ledgerline.events.fold import fold_visits
from ledgerline.events.workflow.handle import handle_events
from ledgerline.events.workflow.wake_up import Pace, wait_for_work, work_waits
from tests.unit.connectors.formats.hl7v2_text import adt

pytestmark = pytest.mark.integration
PACE = Pace(look=60, gather=0.2, reconnect=0.1)
MAIL = (
    "insert into raw_ehr.inbox (sender, control_id, content_sha256, peer, bytes)"
    " values ('A', %s, sha256(%s::bytea), '127.0.0.1', 'x')"
)


def woken(dsn, act, pace=PACE, within=20):
    """Wait in one task while `act` runs in another; return count and seconds."""

    async def first():
        waits = work_waits(dsn, pace)
        waiting = asyncio.ensure_future(anext(waits))
        await asyncio.sleep(1)
        assert not waiting.done()
        began = time.monotonic()
        await asyncio.to_thread(act)
        count = await asyncio.wait_for(waiting, within)
        await waits.aclose()
        return count, time.monotonic() - began

    return asyncio.run(first())


def test_what_waits_already_wakes_at_once(feed, warehouse):
    feed(adt("A01", "M1"), adt("A03", "M2", "20260317113000-0500"))
    fold_visits(warehouse)

    async def first():
        waits = work_waits(warehouse, PACE)
        count = await asyncio.wait_for(anext(waits), 10)
        await waits.aclose()
        return count

    assert asyncio.run(first()) == 4


def test_many_messages_are_one_wake_up(warehouse):
    def arrive():
        with psycopg.connect(warehouse, autocommit=True) as connection:
            for number in range(20):
                connection.execute(MAIL, [str(number), str(number)])

    count, seconds = woken(warehouse, arrive)
    assert count == 20
    assert seconds < 10


def test_what_arrives_while_the_consumer_works_wakes_it_again_soon(warehouse):
    def arrive(numbers):
        with psycopg.connect(warehouse, autocommit=True) as connection:
            for number in numbers:
                connection.execute(MAIL, [str(number), str(number)])

    async def twice():
        waits = work_waits(warehouse, PACE)
        arrive([0])
        assert await asyncio.wait_for(anext(waits), 10) == 1
        await asyncio.to_thread(arrive, range(1, 60))
        began = time.monotonic()
        assert await asyncio.wait_for(anext(waits), 20) == 60
        await waits.aclose()
        return time.monotonic() - began

    assert asyncio.run(twice()) < 5


def test_nothing_wakes_when_handlers_took_all(feed, warehouse):
    feed(adt("A01", "M1"), adt("A03", "M2", "20260317113000-0500"))
    fold_visits(warehouse)
    handle_events(warehouse)

    async def none():
        waits = work_waits(warehouse, Pace(look=0.2, gather=0.1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(waits), 2)

    asyncio.run(none())


def test_an_event_whose_time_comes_needs_no_notification(feed, warehouse, connection):
    feed(adt("A01", "M1"), adt("A03", "M2", "20260317113000-0500"))
    fold_visits(warehouse)
    connection.execute(
        "update ops.event_delivery set next_at = clock_timestamp() + interval '3 s'"
    )
    count, seconds = woken(warehouse, lambda: None, Pace(look=0.5, gather=0.1))
    assert count == 4
    assert seconds > 1


def test_a_listener_goes_on_after_the_server_ended_its_session(warehouse, connection):
    def end_and_deliver():
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and query like 'listen %'"
            " or query like '%ops.event_delivery%' and pid <> pg_backend_pid()"
        )
        connection.execute(MAIL, ["1", "1"])

    count, _ = woken(warehouse, end_and_deliver)
    assert count == 1


def test_who_stays_is_told_of_what_comes_meanwhile(warehouse):
    def arrive():
        with psycopg.connect(warehouse, autocommit=True) as connection:
            connection.execute(MAIL, ["1", "1"])

    later = threading.Timer(1, arrive)
    later.start()
    began = time.monotonic()
    assert wait_for_work(warehouse, 60)
    assert time.monotonic() - began < 20
    later.join()
    assert wait_for_work(warehouse, 60), "what waits already is told at once"


def test_who_stays_in_vain_leaves_in_time(warehouse):
    began = time.monotonic()
    assert not wait_for_work(warehouse, 1)
    assert time.monotonic() - began < 10
