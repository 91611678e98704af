"""Merges, moves and swaps come to one state, in whatever order and pieces they come."""

import itertools
import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from ledgerline.events.fold import fold_visits
from tests.unit.connectors.formats.hl7v2_text import siu
from tests.unit.events.feed_of_merges import folded, merging, stay, swap
from tests.unit.events.synthetic import event, events

pytestmark = pytest.mark.integration
SEED = 20_260_315
PERMUTATIONS = 5_040
EXAMPLES = 3_000
FACILITIES = 24
STAY = [
    stay("A01", 1, "V1", "A1"),
    stay("A04", 2, "V2", "A2", "2002", f3="ICU^1^A^MVH"),
    stay("A03", 6, "V1", "A1", f36="01"),
    merging("A42", 3, {"account": "A2"}, {"number": "V1"}, "V2"),
    merging("A41", 4, {"account": "A2"}, {"account": "A1"}),
    merging("A44", 5, {"patient": "2002", "account": "A2"}, {"account": "A2"}),
    merging("A50", 7, {"account": "A2"}, {"number": "V2"}, "V3"),
]


def test_every_permutation_of_merges_comes_to_one_state():
    given_events = events(*STAY)
    orders = list(itertools.permutations(given_events))
    states = {repr(sorted(folded(order)[0].items())) for order in orders}
    print(f"{len(orders)} permutations of two stays and four merges: {len(states)}")
    assert len(orders) == PERMUTATIONS
    assert len(states) == 1
    assert folded(given_events)[0].keys() == {("visit", "MVH", "V3")}


def messages(chance, count):
    """Messages about few visits, accounts and patients, so that they meet."""
    return [_message(chance, number) for number in range(count)]


def _message(chance, number):
    visit, other = chance.choices(("V1", "V2", "V3", "V4"), k=2)
    account, old = chance.choices(("A1", "A2", "A3"), k=2)
    patient, retired = chance.choices(("1001", "2002", "3003"), k=2)
    trigger = chance.choice(
        [*("A01", "A08", "A03", "A11", "A13") * 2, *MERGES, "A17"],
    )
    to = {"patient": patient, "account": account}
    if trigger == "A17":
        groups = (patient, visit, "ICU"), (retired, other, "ORTHO")
        return _named(swap(chance.randint(1, 9), *groups), number)
    if trigger in MERGES:
        of = {"patient": retired, "account": old, "number": other}
        made = merging(trigger, chance.randint(1, 9), to, of, visit)
    else:
        made = stay(trigger, chance.randint(1, 9), visit, account, patient)
    return _named(made, number)


MERGES = ("A35", "A36", "A40", "A41", "A42", "A43", "A44", "A45", "A47", "A49", "A50")


def _named(message, number):
    """The message under a control id of its own."""
    fields = message.split(b"|")
    fields[9] = f"M{number}".encode()
    return b"|".join(fields)


POOL = [event(m, n) for n, m in enumerate(messages(random.Random(SEED), 400), 1)]


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(
    st.binary(min_size=1, max_size=14).map(list),
    st.integers(0, len(POOL) - 256),
    st.integers(0, 2**32),
)
def test_shuffled_and_repeated_merges_come_to_the_same_visits(chosen, start, order):
    given_events = [POOL[start + number] for number in chosen]
    arrived = given_events * 2
    random.Random(order).shuffle(arrived)
    assert folded(arrived) == folded(given_events)


def test_pieces_in_any_order_come_to_what_one_fold_comes_to(
    feed, warehouse, connection
):
    """The same messages of each facility, in another order and other pieces each."""
    print(f"seed {SEED}, {FACILITIES} orders")
    chance = random.Random(SEED)
    told = messages(chance, 30)
    waiting = [
        message.replace(b"MVH", f"F{number:02}".encode())
        for number in range(FACILITIES)
        for message in chance.sample(told, len(told))
    ]
    piece = len(waiting) // 12
    chance.shuffle(waiting)
    while waiting:
        feed(*(waiting.pop() for _ in range(min(piece, len(waiting)))))
        fold_visits(warehouse)
    rows = connection.execute(
        "select sending_facility, jsonb_agg(to_jsonb(v) - 'sending_facility'"
        " - 'last_record_id' - 'content_sha256' - 'folded_at' - 'provisional_since'"
        " order by visit_number) from raw_ehr.folded_visit as v group by 1 order by 1"
    ).fetchall()
    states, conflicts = folded(events(*told))
    assert len(rows) == FACILITIES
    for facility, found in rows:
        plain = repr(found).replace(facility, "MVH")
        assert plain == repr(rows[0][1]).replace(rows[0][0], "MVH")
    assert {v["visit_number"]: v["status"] for v in rows[0][1]} == {
        number: state.status for (_, _, number), state in states.items()
    }
    open_conflicts = connection.execute(
        "select count(*) from ops.quarantined_record"
        " where class = 'MERGE_CONFLICT' and status = 'open'"
    ).fetchone()
    assert open_conflicts == (len(conflicts) * FACILITIES,)


def numbers(connection):
    return connection.execute(
        "select visit_number, event_count from raw_ehr.folded_visit order by 1"
    ).fetchall()


def test_a_merged_visit_is_gone_and_comes_back_when_an_earlier_merge_forbids_it(
    feed, warehouse, connection
):
    feed(stay("A01", 1, "V1"), stay("A01", 1, "V2"))
    feed(merging("A42", 5, {}, {"number": "V1"}, "V2"))
    fold_visits(warehouse)
    assert numbers(connection) == [("V2", 2)]
    feed(merging("A42", 4, {}, {"number": "V2"}, "V1"))
    assert fold_visits(warehouse).conflicts == 1
    assert numbers(connection) == [("V1", 2)]


def test_an_appointment_is_for_the_visit_and_account_that_are_left(
    feed, warehouse, connection
):
    booked = "MVH0000123"
    feed(
        siu("S12", "S1"),
        stay("A01", 1, "V2", "A2"),
        merging("A42", 16, {}, {"number": booked}, "V2"),
        merging("A41", 16, {"account": "A2"}, {"account": booked}),
    )
    fold_visits(warehouse)
    found = connection.execute(
        "select visit_number, account_number from raw_ehr.folded_appointment"
    )
    assert found.fetchone() == ("V2", "A2")
