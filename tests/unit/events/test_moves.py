"""Merges, moves, new numbers of accounts and visits; places swapped."""

from datetime import UTC, datetime

from tests.unit.connectors.formats.hl7v2_text import adt
from tests.unit.events.feed_of_merges import folded, merging, stay, swap
from tests.unit.events.synthetic import events

PATIENT_2 = {"patient": "2002"}


def visits(*messages):
    states, _ = folded(events(*messages))
    return {number: state for (_, _, number), state in states.items()}


def conflicts(*messages):
    _, found = folded(events(*messages))
    return [conflict.record_id for conflict in found]


def people(state):
    return [found.value for found in state.patient_identifiers]


def test_a_merged_visit_is_the_one_that_is_left_and_keeps_what_that_one_said():
    found = visits(
        stay("A04", 1, "V1", "A1", f2="E"),
        stay("A03", 5, "V1", "A1", f36="01"),
        stay("A01", 2, "V2", "A2", f2="I"),
        merging("A42", 6, {"account": "A2"}, {"number": "V1"}, "V2"),
    )
    assert found.keys() == {"V2"}
    assert (found["V2"].status, found["V2"].patient_class) == ("in_progress", "I")
    assert (found["V2"].account_number, found["V2"].event_count) == ("A2", 3)


def test_a_visit_under_a_new_number_is_the_same_visit_in_the_order_of_its_events():
    found = visits(
        stay("A01", 1, "V1"),
        stay("A03", 3, "V2"),
        merging("A50", 2, {}, {"number": "V1"}, "V2"),
        stay("A13", 4, "V1"),
    )
    assert found.keys() == {"V2"}
    assert (found["V2"].status, found["V2"].discharged_at) == ("in_progress", None)
    assert found["V2"].admitted_at == datetime(2026, 3, 1, 14, tzinfo=UTC)


def test_a_merged_or_renumbered_account_is_the_one_that_is_left():
    for trigger in ("A35", "A41"):
        found = visits(
            stay("A01", 1, "V1", "A1"),
            stay("A01", 1, "V2", "A2"),
            merging(trigger, 2, {"account": "A2"}, {"account": "A1"}),
        )
        assert [found[v].account_number for v in ("V1", "V2")] == ["A2", "A2"]
    found = visits(
        stay("A01", 1, "V1", "A1"),
        merging("A49", 2, {"account": "A9"}, {"account": "A1"}),
        stay("A08", 3, "V1", "A1"),
    )
    assert found["V1"].account_number == "A9"


def test_a_patient_and_an_account_are_merged_in_one_message():
    found = visits(
        stay("A01", 1, "V1", "A1"),
        stay("A01", 1, "V2", "A2", "2002"),
        merging(
            "A36",
            2,
            {"patient": "2002", "account": "A2"},
            {"patient": "1001", "account": "A1"},
        ),
    )
    assert (found["V1"].account_number, people(found["V1"])) == ("A2", ["2002"])


def test_a_merge_into_an_unknown_account_or_visit_moves_nothing():
    into_account = merging("A41", 2, {"account": "A9"}, {"account": "A1"})
    into_visit = merging("A42", 2, {}, {"number": "V1"}, "V9")
    for merge in (into_account, into_visit):
        found = stay("A01", 1, "V1", "A1"), merge
        assert conflicts(*found) == [2]
        assert visits(*found)["V1"].account_number == "A1"


def test_a_circle_of_visits_or_accounts_is_a_conflict():
    known = stay("A01", 1, "V1", "A1"), stay("A01", 1, "V2", "A2")
    back_and_forth = [
        merging("A42", 2, {}, {"number": "V1"}, "V2"),
        merging("A42", 3, {}, {"number": "V2"}, "V1"),
    ]
    assert conflicts(*known, *back_and_forth) == [4]
    back_and_forth = [
        merging("A41", 2, {"account": "A2"}, {"account": "A1"}),
        merging("A49", 3, {"account": "A1"}, {"account": "A2"}),
    ]
    assert conflicts(*known, *back_and_forth) == [4]


def test_a_merge_that_names_nothing_to_retire_is_a_conflict():
    assert conflicts(merging("A42", 2, {}, {}, "V2")) == [1]
    assert conflicts(merging("A41", 2, {"account": "A1"}, {})) == [1]


def test_a_moved_account_takes_its_visits_to_the_other_patient():
    before = stay("A01", 1, "V1", "A1"), stay("A01", 2, "V2", "A2")
    other = stay("A01", 1, "V3", "A3", "2002")
    move = merging("A44", 3, PATIENT_2 | {"account": "A1"}, {"account": "A1"})
    found = visits(*before, other, move)
    assert people(found["V1"]) == ["2002"]
    assert people(found["V2"]) == ["1001"]
    renamed = merging("A44", 3, PATIENT_2 | {"account": "A7"}, {"account": "A1"})
    found = visits(*before, other, renamed)
    assert (people(found["V1"]), found["V1"].account_number) == (["2002"], "A7")


def test_a_move_to_an_unknown_patient_moves_nothing():
    move = merging("A44", 3, PATIENT_2 | {"account": "A1"}, {"account": "A1"})
    given = stay("A01", 1, "V1", "A1"), move
    assert conflicts(*given) == [2]
    assert people(visits(*given)["V1"]) == ["1001"]


def test_a_moved_visit_is_on_the_other_account_until_something_later_is_said():
    to = {"account": "A2"}
    move = merging("A45", 3, to, {"account": "A1", "number": "V1"}, "V1")
    before = stay("A01", 1, "V1", "A1"), stay("A01", 1, "V2", "A1")
    found = visits(*before, move)
    assert [found[v].account_number for v in ("V1", "V2")] == ["A2", "A1"]
    found = visits(*before, move, stay("A08", 4, "V1", "A3"))
    assert found["V1"].account_number == "A3"


def test_several_visits_are_moved_in_one_message():
    second = "\rMRG|||A1||V2\r" + "PV1|1|I|||||||||||||||||V2"
    move = adt(
        "A45",
        "M9",
        "20260303090000-0500",
        pid="PID|1||1001^^^MVH^MR|||||F||||||||||A2",
        mrg="MRG|||A1||V1\rPV1|1|I|||||||||||||||||V1" + second,
    )
    found = visits(stay("A01", 1, "V1", "A1"), stay("A01", 1, "V2", "A1"), move)
    assert [found[v].account_number for v in ("V1", "V2")] == ["A2", "A2"]


def test_a_moved_visit_belongs_to_whom_its_account_is_moved_to():
    found = visits(
        stay("A01", 1, "V1", "A1"),
        stay("A01", 1, "V2", "A2", "2002"),
        merging("A45", 3, {"account": "A5"}, {"account": "A1", "number": "V1"}, "V1"),
        merging("A44", 4, PATIENT_2 | {"account": "A5"}, {"account": "A5"}),
    )
    assert people(found["V1"]) == ["2002"]


def test_an_identifier_moved_to_another_patient_leads_there_or_stays():
    known = stay("A01", 1, "V1"), stay("A01", 1, "V2", patient="2002")
    moved = merging("A43", 2, PATIENT_2, {"patient": "1001"})
    assert people(visits(*known, moved)["V1"]) == ["2002"]
    kept = merging("A43", 2, PATIENT_2, {"patient": "2002"})
    assert conflicts(*known, kept) == []


def test_a_new_identifier_of_a_patient_needs_to_be_in_no_other_message():
    new = merging("A47", 2, PATIENT_2, {"patient": "1001"})
    assert people(visits(stay("A01", 1, "V1"), new)["V1"]) == ["2002"]


def test_two_patients_swap_their_places():
    found = visits(
        stay("A01", 1, "V1", f3="ICU^1^A^MVH"),
        stay("A01", 1, "V2", patient="2002", f3="ORTHO^1^A^MVH"),
        swap(2, ("1001", "V1", "ORTHO"), ("2002", "V2", "ICU")),
    )
    places = [found[number].department_native_code for number in ("V1", "V2")]
    assert places == ["ORTHO", "ICU"]
    assert [people(found[number]) for number in ("V1", "V2")] == [["1001"], ["2002"]]


def test_a_visit_that_was_merged_and_then_cancelled_under_its_old_number_is_the_other():
    found = visits(
        stay("A01", 1, "V1"),
        stay("A01", 2, "V2"),
        merging("A42", 3, {}, {"number": "V1"}, "V2"),
        stay("A11", 4, "V1"),
    )
    assert found["V2"].status == "in_progress"
    assert found["V2"].admitted_at == datetime(2026, 3, 2, 14, tzinfo=UTC)
