"""One visit from its events: what each trigger means, and what cancels it."""

from datetime import UTC, datetime

import pytest

from ledgerline.events.visit import fold
from tests.unit.connectors.formats.hl7v2_text import adt, pv1
from tests.unit.events.synthetic import events

DAY = "202603{:02}090000-0500"


def told(*triggers, **fields):
    """Fold one message a day, each with the PV1 fields given for its trigger."""
    return fold(
        events(
            *(
                adt(
                    trigger,
                    f"M{day}",
                    DAY.format(day),
                    pv1=pv1(**fields.get(trigger, {})),
                )
                for day, trigger in enumerate(triggers, 1)
            )
        )
    )


@pytest.mark.parametrize(
    ("triggers", "status"),
    [
        (("A01",), "in_progress"),
        (("A04",), "in_progress"),
        (("A05",), "planned"),
        (("A14",), "planned"),
        (("A05", "A01"), "in_progress"),
        (("A01", "A03"), "finished"),
        (("A08",), "provisional"),
        (("A03",), "provisional"),
        (("A02", "A08"), "provisional"),
        (("A03", "A01"), "in_progress"),
        (("A01", "A11"), "cancelled"),
        (("A04", "A08", "A11", "A08"), "cancelled"),
        (("A01", "A11", "A01"), "in_progress"),
        (("A11",), "provisional"),
        (("A05", "A38"), "cancelled"),
        (("A14", "A27"), "cancelled"),
        (("A05", "A01", "A11"), "planned"),
        (("A01", "A03", "A13"), "in_progress"),
        (("A01", "A03", "A13", "A03"), "finished"),
        (("A01", "A03", "A08"), "finished"),
        (("A04", "A06", "A03"), "finished"),
        (("A01", "A23"), "cancelled"),
        (("A01", "A01", "A11"), "cancelled"),
        (("A04", "A08", "A04", "A02", "A11"), "cancelled"),
        (("A04", "A01", "A11"), "in_progress"),
        (("A05", "A05", "A38"), "cancelled"),
        (("A14", "A14", "A27"), "cancelled"),
        (("A01", "A03", "A03", "A13"), "in_progress"),
        (("A01", "A03", "A01", "A03", "A13"), "in_progress"),
        (("A01", "A03", "A01", "A11"), "finished"),
        (("A06", "A11"), "cancelled"),
        (("A05", "A06", "A11"), "planned"),
        (("A04", "A06", "A11"), "in_progress"),
    ],
)
def test_the_status_that_events_come_to(triggers, status):
    assert told(*triggers).status == status


def test_a_cancelled_discharge_takes_its_time_and_disposition_back():
    left = {"f36": "01", "f45": "20260302080000-0500"}
    assert told("A01", "A03", A03=left).discharge_disposition == "01"
    back = told("A01", "A03", "A08", "A13", A03=left, A08=left)
    assert (back.discharged_at, back.discharge_disposition) == (None, "")


def test_a_discharge_sent_twice_is_taken_back_by_one_cancel():
    first, second = (
        {"f36": code, "f45": f"2026030{day}080000-0500"}
        for day, code in ((2, "01"), (3, "02"))
    )
    stay = fold(
        events(
            adt("A01", "M1", DAY.format(1)),
            adt("A03", "M2", DAY.format(2), pv1=pv1(**first)),
            adt("A03", "M3", DAY.format(3), pv1=pv1(**second)),
            adt("A13", "M4", DAY.format(4)),
        )
    )
    assert (stay.status, stay.discharged_at) == ("in_progress", None)
    assert stay.discharge_disposition == ""


def test_two_transfers_are_not_taken_back_by_one_cancel():
    moved = [("A01", "4EAST"), ("A02", "ICU"), ("A02", "3WEST"), ("A12", "ICU")]
    stay = fold(
        events(
            *(
                adt(trigger, f"M{day}", DAY.format(day), pv1=pv1(f3=unit))
                for day, (trigger, unit) in enumerate(moved, 1)
            )
        )
    )
    assert [place.unit for place in stay.places] == ["4EAST", "ICU"]


def test_blanks_around_a_number_are_no_part_of_it():
    stay = fold(events(adt("A01", "M1", pv1=pv1(" MVH0000123 "))))
    assert stay.visit_number == "MVH0000123"


def test_a_cancelled_transfer_takes_its_place_back():
    moved = {"f3": "ICU^1^A^MVH"}
    stays = {"f3": ""}
    assert told("A01", "A02", A02=moved).department_native_code == "ICU"
    assert (
        told("A01", "A02", "A12", A02=moved, A12=stays).department_native_code
        == "4EAST"
    )


def test_the_places_of_a_stay_are_those_of_its_admission_and_transfers():
    icu, named = {"f3": "ICU^1^A^MVH"}, {"f3": "3WEST^1^A^MVH"}
    state = told("A01", "A08", "A02", "A02", "A03", A08=named, A02=icu, A03=named)
    assert [(place.unit, place.at.day) for place in state.places] == [
        ("4EAST", 1),
        ("ICU", 3),
    ]
    back = told("A01", "A02", "A12", A02=icu)
    assert [place.unit for place in back.places] == ["4EAST"]


def test_a_move_took_place_when_it_occurred_not_when_it_was_told():
    late = adt("A02", "M2", DAY.format(3), occurred=DAY.format(2), pv1=pv1(f3="ICU^1"))
    state = fold(events(adt("A01", "M1", DAY.format(1)), late))
    assert [(place.unit, place.at.day) for place in state.places] == [
        ("4EAST", 1),
        ("ICU", 2),
    ]


@pytest.mark.parametrize(
    ("triggers", "classes", "day"),
    [
        (("A01", "A03"), "II", None),
        (("A04", "A06", "A03"), "OII", 2),
        (("A04", "A06", "A08", "A03"), "EIII", 2),
        (("A04", "A06", "A07", "A03"), "OIOO", None),
        (("A04", "A06", "A07", "A06", "A03"), "OIOII", 4),
        (("A04", "A03"), "OO", None),
    ],
)
def test_a_stay_that_began_as_another_visit_is_inpatient_from_its_order(
    triggers, classes, day
):
    numbered = list(enumerate(zip(triggers, classes, strict=True), 1))
    messages = [
        adt(trigger, f"M{number}", DAY.format(number), pv1=pv1(f2=given))
        for number, (trigger, given) in numbered
    ]
    state = fold(events(*messages))
    assert state.patient_class == classes[-1]
    assert (state.inpatient_at and state.inpatient_at.day) == day


def test_a_visit_without_a_place_is_known_by_its_service():
    assert told("A04", A04={"f3": ""}).department_native_code == "SUR"


def test_what_a_message_leaves_out_stays_and_what_it_deletes_goes():
    kept = told("A01", "A08", A08={"f2": "", "f10": ""})
    assert (kept.patient_class, kept.department_native_code) == ("I", "4EAST")
    deleted = told("A01", "A08", A08={"f2": '""', "f3": '""'})
    assert (deleted.patient_class, deleted.department_native_code) == ("", "SUR")


def test_a_discharge_corrected_later_keeps_the_correction():
    state = told(
        "A01",
        "A03",
        "A08",
        A03={"f45": "20260302080000-0500"},
        A08={"f45": "20260302093000-0500", "f36": "03"},
    )
    assert state.discharged_at == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert state.discharge_disposition == "03"


def test_an_admission_sent_again_after_the_discharge_opens_nothing():
    left = {"f45": "20260302080000-0500"}
    assert told("A01", "A03", "A01", A03=left, A01=left).status == "finished"


def test_times_that_are_not_given_are_those_of_the_events():
    state = told("A01", "A03")
    assert state.admitted_at == datetime(2026, 3, 1, 14, tzinfo=UTC)
    assert state.discharged_at == datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_a_time_without_an_offset_has_that_of_the_message_or_utc():
    given = pv1(f44="20260301080000")
    with_offset = fold(events(adt("A01", "M1", DAY.format(1), pv1=given)))
    assert with_offset.admitted_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    without = fold(events(adt("A01", "M1", "20260301090000", pv1=given)))
    assert without.admitted_at == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_events_of_one_instant_are_ordered_by_time_sent_sequence_and_id():
    at = DAY.format(1)

    def service(*given):
        return fold(events(*given)).department_native_code

    def update(name, control_id, **parts):
        return adt("A08", control_id, at, pv1=pv1(f3="", f10=name), **parts)

    first = update("ONE", "M9", sent=DAY.format(1))
    later = update("TWO", "M1", sent=DAY.format(2))
    assert service(later, first) == service(first, later) == "TWO"
    first, later = update("ONE", "M9", sequence="1"), update("TWO", "M1", sequence="2")
    assert service(later, first) == service(first, later) == "TWO"
    first, later = update("ONE", "M1"), update("TWO", "M2")
    assert service(later, first) == service(first, later) == "TWO"


def test_the_account_number_names_a_visit_without_a_number_of_its_own():
    state = fold(events(adt("A01", "M1", pv1="PV1|1|I")))
    assert state.visit_number == "MVH0000123"


def test_provenance_is_the_last_event_in_business_order():
    given = events(adt("A03", "M2", DAY.format(2)), adt("A01", "M1", DAY.format(1)))
    state = fold(given)
    assert (state.last_record_id, state.event_count) == (1, 2)


def test_the_hash_tells_facts_apart_and_not_their_provenance():
    one = told("A01")
    same = fold(
        events(adt("A08", "M0", DAY.format(1)), adt("A01", "M1", DAY.format(1)))
    )
    assert one.content_sha256 == same.content_sha256
    assert one.content_sha256 != told("A04", "A03").content_sha256


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_time_at_the_end_of_the_calendar_is_a_time(year):
    assert fold(events(adt("A01", "M1", f"{year}1231235959+1400"))).admitted_at
    assert fold(events(adt("A01", "M1", f"{year}0101000000-1200"))).admitted_at
