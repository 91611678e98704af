"""Readers beside a publishing writer see one publication, whole, every time."""

import threading
import time

import psycopg
import pytest
from psycopg import IsolationLevel

from ledgerline.publication.publish import publish

pytestmark = pytest.mark.integration

PUBLICATIONS = 60
FEES = 300
READERS = (
    IsolationLevel.READ_COMMITTED,
    IsolationLevel.READ_COMMITTED,
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.REPEATABLE_READ,
)
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
                time.sleep(0.002)
                second = connection.execute(_BOTH).fetchone()
        count, total, low, high, margin = first
        self.count += 1
        self.empty += not count
        self.mixed += low != high or total != margin or first != second
        self.seen.add(low)


def test_sixty_publications_under_four_readers_are_never_mixed_or_empty(warehouse):
    def build(amount):
        warehouse.build([(f"f{i}", "MVH", amount) for i in range(FEES)])
        return warehouse.pass_gate()

    publish(warehouse.dsn, build(1), warehouse.path)
    stop = threading.Event()
    readers = [Reader(warehouse.dsn, isolation, stop) for isolation in READERS]
    for reader in readers:
        reader.start()
    try:
        for amount in range(2, PUBLICATIONS + 1):
            publish(warehouse.dsn, build(amount), warehouse.path)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert [(r.empty, r.mixed) for r in readers] == [(0, 0)] * len(readers)
    assert all(r.count > PUBLICATIONS and len(r.seen) > 5 for r in readers)


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
