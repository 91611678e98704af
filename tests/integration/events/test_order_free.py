"""Whatever the order and however often events arrive, the state is the same."""

import itertools
import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from ledgerline.events import appointment, visit
from ledgerline.events.event import Event
from ledgerline.events.merge import resolve
from tests.unit.connectors.formats.hl7v2_text import adt, pv1, siu
from tests.unit.events.synthetic import events

pytestmark = pytest.mark.integration
SEED = 20_260_314
PERMUTATIONS = 5_040
EXAMPLES = 3_000
TRIGGERS = [
    *("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A12", "A13"),
    *("A14", "A23", "A27", "A38"),
]
STAY = [
    adt("A05", "M1", "20260310090000-0500"),
    adt("A01", "M2", "20260314081500-0500", pv1=pv1(f44="20260314080000-0500")),
    adt("A02", "M3", "20260315081500-0500", pv1=pv1(f3="ICU^1^A^MVH")),
    adt("A12", "M4", "20260315091500-0500"),
    adt("A03", "M5", "20260316081500-0500", pv1=pv1(f36="01")),
    adt("A13", "M6", "20260316091500-0500"),
    adt("A03", "M7", "20260317081500-0500", pv1=pv1(f36="03")),
]


def test_every_permutation_of_a_stay_comes_to_one_state():
    stay = events(*STAY)
    orders = list(itertools.permutations(stay))
    states = {visit.fold(order).content_sha256 for order in orders}
    provenance = {visit.fold(order).last_record_id for order in orders[:50]}
    print(f"{len(orders)} permutations of one stay, {len(states)} state")
    assert len(orders) >= PERMUTATIONS
    assert (len(states), provenance) == (1, {7})


def pool(size=400):
    """Bodies of events of one visit; many share a time, a sequence or a trigger."""
    chance = random.Random(SEED)
    times = ("2026-03-01", "2026-03-01T10:00:00-05:00", "2026-03-02T08:00Z", None)
    said = {
        "patient_class": ("I", "O", None),
        "location": ({"point_of_care": "ICU"}, {"room": "4"}, {}),
        "hospital_service": ("SUR", "MED", None),
        "admitted_at": times,
        "discharged_at": times,
        "discharge_disposition": ("01", "03", None),
    }
    return [
        Event(
            record_id=number,
            resource_id=f"EPICADT|MVH|M{number}",
            body={
                "message_type": "ADT",
                "trigger": chance.choice(TRIGGERS),
                "control_id": f"M{number}",
                "sending_facility": "MVH",
                "message_at": chance.choice(times[:3]),
                "event_at": chance.choice(times),
                "sequence": chance.choice([None, 1, 2]),
                "patient": {"identifiers": [{"value": "1001"}]},
                "visit": {"visit_number": "V1"}
                | {
                    key: chance.choice(values)
                    for key, values in said.items()
                    if chance.random() < 0.4
                },
            },
        )
        for number in range(size)
    ]


POOL = pool()


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(
    st.binary(min_size=1, max_size=12).map(list),
    st.integers(0, len(POOL) - 256),
    st.integers(0, 2**32),
)
def test_shuffled_and_repeated_events_come_to_the_same_visit(chosen, start, order):
    given_events = [POOL[start + number] for number in chosen]
    arrived = given_events * 2
    random.Random(order).shuffle(arrived)
    expected = visit.fold(given_events)
    assert visit.fold(arrived) == expected
    assert visit.fold(arrived).content_sha256 == expected.content_sha256


def test_shuffled_merges_lead_to_the_same_survivors():
    chance = random.Random(SEED)
    names = "ABCDEF"
    known = {("patient", "MVH", name) for name in names[:5]}
    for _ in range(500):
        made = events(*(_merge(chance, names, day) for day in range(1, 9)))
        expected = resolve(made, known)
        arrived = made + chance.choices(made, k=8)
        chance.shuffle(arrived)
        assert resolve(arrived, known) == expected
        assert not expected.survivors.keys() & {
            found.key for found in expected.survivors.values()
        }


def _merge(chance, names, day):
    one, other = chance.choice(names), chance.choice(names)
    at = f"202603{chance.randint(1, 9):02}090000-0500"
    if chance.random() < 0.2:
        two = f"PID|1||{one}^^^MVH^MR\rPID|2||{other}^^^MVH^MR"
        return adt("A37", f"M{day}", at, pid=two, pv1="")
    pid, mrg = f"PID|1||{one}^^^MVH^MR", f"MRG|{other}^^^MVH^MR"
    return adt("A40", f"M{day}", at, pid=pid, mrg=mrg)


def test_every_permutation_of_an_appointment_comes_to_one_state():
    booked = events(
        siu("S12", "S1"),
        siu("S13", "S2", "20260302100000-0500", sch="SCH|P1|F1||||||||60|min"),
        siu("S14", "S3", "20260303100000-0500"),
        siu("S15", "S4", "20260304100000-0500"),
        siu("S26", "S5", "20260305100000-0500"),
    )
    orders = list(itertools.permutations(booked))
    states = {appointment.fold(order).content_sha256 for order in orders}
    assert len(states) == 1
    assert appointment.fold(booked).status == "no_show"
