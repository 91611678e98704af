"""Transactions that commit late and out of order: no row is lost, none doubled."""

import datetime as dt
import json

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.extract.changes import Window, changes
from ledgerline.connectors.tryton.extract.streams import streams
from tests.integration.erp.memory import Memory
from tests.integration.erp.stub_tryton import Ref, Server

pytestmark = pytest.mark.integration
SEED = 20_260_314
EXAMPLES = 100
MODELS = ("product.category", "account.move", "account.move.line")

write = st.tuples(st.sampled_from(MODELS), st.integers(1, 6), st.integers(0, 9))
transaction = st.tuples(
    st.lists(write, min_size=1, max_size=4),
    st.integers(0, 23),  # hours until it commits
)
step = st.one_of(
    transaction.map(lambda each: ("begin", *each)),
    st.integers(1, 60).map(lambda hours: ("wait", hours)),
    st.just(("extract", None)),
    st.integers(0, 4).map(lambda pages: ("extract", pages)),
)


LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
FOREVER = dt.timedelta(days=10_000)


@pytest.fixture(scope="module")
def client():
    """A client of a stub whose ERP has two streams, so that a history is short."""
    with Server() as tryton, TrytonClient(tryton.endpoint()) as connected:
        connected.stub, connected.page_size = tryton, 2
        connected.two = [e for e in streams(connected) if e.model in MODELS]
        yield connected


class History:
    """What happens in the ERP, and when what began is committed."""

    def __init__(self, tryton, pages):
        self.tryton, self.pages = tryton, pages
        self.memory, self.open = Memory(), []

    def do(self, what, *given):
        getattr(self, what)(*given)
        self.tryton.now += dt.timedelta(seconds=1)
        self.commit_due()

    def begin(self, writes, hours):
        begun = self.tryton.begin()
        for model, record, value in writes:
            begun.write(model, record, **values(model, record, value))
        self.open.append((self.tryton.now + dt.timedelta(hours=hours), begun))

    def wait(self, hours):
        self.tryton.now += dt.timedelta(hours=hours)

    def extract(self, until):
        self.memory.land(self.pages(self.memory), until)

    def commit_due(self, until=None):
        until = until or self.tryton.now
        for due, begun in sorted(self.open, key=lambda each: each[0]):
            if due <= until:
                begun.commit()
        self.open = [each for each in self.open if each[0] > until]


def values(model, record, value):
    if model == "product.category":
        return {"code": f"C{value}", "name": f"Category {value}"}
    if model == "account.move":
        state = "posted" if value % 3 else "draft"
        return {"number": f"GL-{value}", "state": state, "date": dt.date(2026, 1, 1)}
    move = Ref("account.move", record % 3 + 1)
    return {"move": move, "description": f"Line {value}"}


def there(tryton):
    """The rows that the ERP has: lines only of documents that are posted."""
    categories = tryton.tables.get("product.category", {})
    lines = {
        record: row
        for record, row in tryton.tables.get("account.move.line", {}).items()
        if tryton.value(row, "move.state") == "posted"
    }
    return categories, lines


def assert_same(tryton, memory):
    categories, lines = there(tryton)
    landed = memory.current["product.category"]
    assert {key: row["name"] for key, row in landed.items()} == {
        str(key): row["name"] for key, row in categories.items()
    }
    landed = memory.current["account.move.line"]
    for key, row in lines.items():
        shown = landed[str(key)]
        assert shown["description"] == row["description"]
        assert shown["move"]["number"] == tryton.value(row, "move.number")
    for versions in memory.versions.values():
        texts = [json.dumps(version, sort_keys=True) for version in versions]
        assert len(texts) == len(set(texts))


def run(client, steps, **window):
    for model in MODELS:
        client.stub.tables.pop(model, None)

    def pages(state):
        now = client.stub.now
        return changes(client, client.two, state, Window(**window), now)

    history = History(client.stub, pages)
    for each in steps:
        history.do(*each)
    history.commit_due(LAST)
    history.extract(None)
    return history.memory


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(steps=st.lists(step, max_size=14))
def explore(client, steps):
    """By the overlap alone: identifiers are compared at the first extract only."""
    assert_same(client.stub, run(client, steps, compare_after=FOREVER))


def test_rows_that_commit_late_and_out_of_order_are_neither_lost_nor_doubled(client):
    print(f"{EXAMPLES} histories, seed {SEED}")
    explore(client)


def test_a_reading_that_is_resumed_days_later_loses_no_late_commit(client):
    categories = [("product.category", number, 1) for number in (1, 2, 3)]
    steps = [
        ("begin", [("product.category", 5, 5)], 5),
        ("begin", categories, 0),
        ("extract", 1),
        ("wait", 72),
        ("begin", [("product.category", 4, 4)], 0),
        ("extract", None),
    ]
    memory = run(client, steps, compare_after=FOREVER)
    assert_same(client.stub, memory)


def test_lines_of_a_document_that_is_posted_long_after_it_was_drafted_arrive(client):
    steps = [
        ("begin", [("account.move", 1, 0), ("account.move.line", 3, 1)], 0),
        ("extract", None),
        ("wait", 100),
        ("begin", [("product.category", 1, 1)], 0),
        ("extract", None),
        ("begin", [("account.move", 1, 4)], 0),
    ]
    memory = run(client, steps, compare_after=FOREVER)
    assert_same(client.stub, memory)
    assert memory.current["account.move.line"]["3"]["move"]["number"] == "GL-4"


LATE = [
    ("begin", [("product.category", 1, 1)], 5),
    ("begin", [("product.category", 2, 2)], 0),
    ("extract", None),
    ("wait", 6),
]


def test_without_an_overlap_a_late_commit_is_lost_until_ids_are_compared(client):
    none = dt.timedelta(0)
    memory = run(client, LATE, overlap=none, compare_after=FOREVER)
    assert set(memory.current["product.category"]) == {"2"}
    memory = run(client, LATE, overlap=none, compare_after=none)
    assert_same(client.stub, memory)


def test_a_commit_later_than_the_overlap_is_found_by_its_id(client):
    steps = [
        ("begin", [("account.move", 1, 1), ("account.move.line", 3, 1)], 30),
        ("begin", [("account.move", 2, 1), ("account.move.line", 1, 2)], 0),
        ("extract", None),
        ("wait", 31),
        ("begin", [("account.move.line", 4, 7)], 0),
        ("extract", None),
        ("wait", 40),
    ]
    memory = run(client, steps, overlap=dt.timedelta(hours=2))
    assert_same(client.stub, memory)
