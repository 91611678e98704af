"""Readers beside a publishing writer see one publication, whole, every time."""

import os
import threading
import time

import psycopg
import pytest
from psycopg import IsolationLevel

from ledgerline.canonical.errors import GateClosed
from ledgerline.publication.history import revert
from ledgerline.publication.publish import publish

pytestmark = pytest.mark.integration

PUBLICATIONS = int(os.environ.get("LEDGERLINE_PUBLICATIONS", "40"))
FEES = 100
READERS = 4
LEVELS = (IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ)
UNPROVEN = 1_000_000
_BOTH = """
select
    (select count(*) from conformed.fct_fee),
    (select sum(amount) from conformed.fct_fee),
    (select min(amount) from conformed.fct_fee),
    (select max(amount) from conformed.fct_fee),
    (select sum(amount) from marts.margin)
"""


class Reader(threading.Thread):
    """Reads fact and mart: in one statement, or in two of one snapshot."""

    def __init__(self, dsn, isolation, stop):
        super().__init__()
        self.dsn, self.isolation, self.stop = dsn, isolation, stop
        self.count, self.empty, self.mixed, self.seen = 0, 0, 0, set()

    def run(self):
        with psycopg.connect(self.dsn) as connection:
            connection.isolation_level = self.isolation
            while not self.stop.is_set():
                self.look(connection)

    def look(self, connection):
        with connection.transaction():
            first = connection.execute(_BOTH).fetchone()
            second = first
            if self.isolation is IsolationLevel.REPEATABLE_READ:
                time.sleep(0.01)
                second = connection.execute(_BOTH).fetchone()
        time.sleep(0.01)
        count, total, low, high, margin = first
        self.count += 1
        self.empty += not count
        self.mixed += low != high or total != margin or first != second
        self.seen.add(int(low))


def fees_of(amount):
    return [(f"f{i}", "MVH", amount) for i in range(FEES)]


def publish_often(warehouse):
    """Publish full builds and increments; now and then a build fails, or one reverts.

    Return the amounts that were published.
    """
    last = None
    for amount in range(2, PUBLICATIONS + 1):
        if amount % 10 == 0:
            warehouse.change(fees_of(UNPROVEN + amount))
            with pytest.raises(GateClosed):
                warehouse.publish(failed={"gx/conformed.fct_fee/key_unique"})
        if amount % 25 == 0:
            revert(warehouse.dsn, last.publication_id - 1, by="c.ops")
        else:
            build = warehouse.build if amount % 3 == 0 else warehouse.change
            build(fees_of(amount))
            last = warehouse.publish()
    return set(range(1, PUBLICATIONS + 1))


def test_publications_under_four_readers_a_level(warehouse):
    """No reader sees a mixed, an empty or an unproven state."""
    warehouse.build(fees_of(1))
    warehouse.publish()
    stop = threading.Event()
    readers = [
        Reader(warehouse.dsn, level, stop) for level in LEVELS for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    try:
        published = publish_often(warehouse)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    [(count,)] = warehouse.execute("select count(*) from ops.publication")
    assert count == PUBLICATIONS
    assert [(r.empty, r.mixed) for r in readers] == [(0, 0)] * len(readers)
    assert all(r.seen <= published for r in readers)
    assert all(r.count > PUBLICATIONS and len(r.seen) > 20 for r in readers)


def test_a_reader_who_began_before_keeps_its_publication(warehouse):
    warehouse.build([("f1", "MVH", 1)])
    publish(warehouse.dsn, warehouse.pass_gate(), warehouse.path)
    with psycopg.connect(warehouse.dsn) as reader:
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        before = reader.execute("select amount from marts.margin").fetchone()
        warehouse.build([("f1", "MVH", 2)])
        publish(warehouse.dsn, warehouse.pass_gate(), warehouse.path)
        fees = reader.execute("select amount from conformed.fct_fee").fetchall()
        assert fees == [before]
    assert warehouse.read("conformed.fct_fee")[0][2] == 2
