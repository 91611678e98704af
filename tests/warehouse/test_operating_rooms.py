"""Every case is in the room that it was booked in, and took place in."""

from collections import Counter, defaultdict

import pytest

pytestmark = pytest.mark.integration
CASE = (
    *("encounter_id", "facility_code", "operating_room_code"),
    *("procedure_code", "provider_id", "case_date"),
)


def test_every_case_took_place_in_its_room(built_warehouse):
    found = built_warehouse.rows("select * from candidate_conformed.fct_surgical_case")
    known = {row["encounter_id"] for row in built_warehouse.true_rows("surgical_case")}
    assert Counter(
        tuple(str(row[name]) for name in CASE)
        for row in found
        if row["encounter_id"] in known
    ) == Counter(
        tuple(row[name] for name in CASE)
        for row in built_warehouse.true_rows("surgical_case")
    )


def test_what_a_case_used_went_into_its_room(built_warehouse):
    """The sandbox's theatres are served where they operate; none is mixed up."""
    [told] = built_warehouse.rows("""
        select count(*) as supplies,
            count(distinct surgery.operating_room_code) as rooms
        from candidate_conformed.fct_surgical_case_supply as supply
        inner join candidate_conformed.fct_surgical_case as surgery
            using (surgical_case_id)
        inner join candidate_conformed.fct_supply_usage as usage
            using (supply_usage_id)
        where usage.location_id_ehr = surgery.location_id_ehr
    """)
    assert told["supplies"] == built_warehouse.value(
        "select count(*) from candidate_conformed.fct_surgical_case_supply"
    )
    assert told["rooms"] > 2


def test_messages_book_into_rooms_and_into_none(built_warehouse):
    """A case is moved to another room, and one without a room is on the schedule."""
    rooms = defaultdict(list)
    for row in built_warehouse.rows("""
        select scheduled_case_id, operating_room_code, facility_code
        from candidate_conformed.fct_scheduled_case
        where scheduled_case_id like 'hl7v2|%' and procedure_code <> 'unmapped'
        order by scheduled_case_id, known_from
    """):
        assert row["facility_code"] == "LGH"
        rooms[row["scheduled_case_id"].rpartition("|")[2]].append(
            row["operating_room_code"]
        )
    true = defaultdict(list)
    for row in built_warehouse.true_rows("scheduled_case"):
        if row["facility_code"] == "LGH":
            true[row["booking_id"]].append(row["operating_room_code"] or None)
    assert rooms == true
    assert any(len(set(filter(None, booked))) > 1 for booked in true.values())
    assert any(booked[0] is None for booked in true.values())
