"""Merges as redirection: chains, circles, unknown patients, links undone."""

from ledgerline.events.merge import resolve
from tests.unit.connectors.formats.hl7v2_text import adt
from tests.unit.events.synthetic import events

DAY = "202603{:02}090000-0500"
KNOWN = {("patient", "MVH", name) for name in "ABCD"}


def merge(day, survivor, retired, trigger="A40"):
    return adt(
        trigger,
        f"M{day}",
        DAY.format(day),
        pid=f"PID|1||{survivor}^^^MVH^MR",
        mrg=f"MRG|{retired}^^^MVH^MR",
    )


def unlink(day, one, other):
    two = f"PID|1||{one}^^^MVH^MR\rPID|2||{other}^^^MVH^MR"
    return adt("A37", f"M{day}", DAY.format(day), pid=two, pv1="")


def led(*messages, known=KNOWN):
    found = resolve(events(*messages), known)
    survivors = {key[2]: to.value for key, to in found.survivors.items()}
    return survivors, [conflict.record_id for conflict in found.conflicts]


def test_a_merge_leads_from_the_retired_to_the_survivor():
    assert led(merge(1, "B", "A")) == ({"A": "B"}, [])


def test_a_chain_leads_to_its_end():
    assert led(merge(2, "C", "B"), merge(1, "B", "A")) == ({"A": "C", "B": "C"}, [])


def test_a_merge_that_closes_a_circle_is_a_conflict_in_any_order():
    circle = merge(1, "B", "A"), merge(2, "C", "B"), merge(3, "A", "C")
    assert led(*circle) == ({"A": "C", "B": "C"}, [3])
    assert led(*reversed(circle)) == ({"A": "C", "B": "C"}, [1])


def test_a_merge_into_a_patient_who_leads_through_the_retired_is_a_conflict():
    given = merge(1, "B", "A"), merge(2, "A", "C"), merge(3, "C", "A")
    assert led(*given) == ({"A": "B", "C": "B"}, [3])


def test_a_patient_merged_into_itself_is_a_conflict():
    assert led(merge(1, "A", "A")) == ({}, [1])


def test_a_merge_into_an_unknown_patient_is_a_conflict():
    assert led(merge(1, "X", "A")) == ({}, [1])
    assert led(merge(1, "X", "A"), known=KNOWN | {("patient", "MVH", "X")}) == (
        {"A": "X"},
        [],
    )


def test_a_patient_merged_into_two_others_stays_with_the_first():
    assert led(merge(1, "B", "A"), merge(2, "C", "A")) == ({"A": "B"}, [2])


def test_the_same_merge_sent_twice_is_one():
    assert led(merge(1, "B", "A"), merge(2, "B", "A")) == ({"A": "B"}, [])


def test_an_unlink_undoes_a_merge_whichever_patient_it_names_first():
    assert led(merge(1, "B", "A"), unlink(2, "A", "B")) == ({}, [])
    assert led(merge(1, "B", "A"), unlink(2, "B", "A")) == ({}, [])
    after = merge(1, "B", "A"), unlink(2, "A", "B"), merge(3, "A", "B")
    assert led(*after) == ({"B": "A"}, [])


def test_an_identifier_that_both_patients_share_is_not_retired():
    shared = adt(
        "A40",
        "M1",
        pid="PID|1||B^^^MVH^MR~999^^^SSA^SS",
        mrg="MRG|A^^^MVH^MR~999^^^SSA^SS",
    )
    assert led(shared) == ({"A": "B"}, [])


def test_each_retired_identifier_leads_to_the_survivor_of_its_authority():
    several = adt(
        "A40",
        "M1",
        pid="PID|1||B^^^MVH^MR~E2^^^EPI^PI",
        mrg="MRG|E1^^^EPI^PI~A^^^MVH^MR",
    )
    known = KNOWN | {("patient", "EPI", "E2")}
    assert led(several, known=known) == ({"A": "B", "E1": "E2"}, [])


def test_several_merges_in_one_message_are_all_read():
    two = adt(
        "A40",
        "M1",
        pid="PID|1||B^^^MVH^MR",
        mrg="MRG|A^^^MVH^MR\rPID|2||D^^^MVH^MR\rMRG|C^^^MVH^MR",
    )
    assert led(two) == ({"A": "B", "C": "D"}, [])


def test_a_message_with_one_wrong_merge_of_two_moves_nothing():
    two = adt(
        "A40",
        "M1",
        pid="PID|1||B^^^MVH^MR",
        mrg="MRG|A^^^MVH^MR\rPID|2||X^^^MVH^MR\rMRG|C^^^MVH^MR",
    )
    assert led(two) == ({}, [1])
