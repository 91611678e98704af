"""One appointment from its events: its status, and what is booked in the end."""

import pytest

from ledgerline.events.appointment import fold
from tests.unit.connectors.formats.hl7v2_text import siu
from tests.unit.events.synthetic import events

DAY = "202603{:02}090000-0500"
START = "^^^20260320090000-0500"
ROOM, SURGEON = "AIL|1|A|OR3^^^MVH", "AIP|1|A|DOC1"


def told(*steps):
    """Fold one message a day: trigger, SCH-25 and resources of each."""
    return fold(
        events(
            *(
                siu(
                    trigger,
                    f"M{day}",
                    DAY.format(day),
                    sch=f"SCH|P1|F1|||||ELECTIVE||45|min|{START}{'|' * 14}{status}",
                    resources=("RGS|1", *resources),
                )
                for day, (trigger, status, resources) in enumerate(steps, 1)
            )
        )
    )


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([("S12", ""), ("S15", "")], "cancelled"),
        ([("S12", ""), ("S15", ""), ("S12", "Booked")], "booked"),
        ([("S12", ""), ("S26", ""), ("S13", "")], "booked"),
        ([("S12", ""), ("S15", ""), ("S14", "")], "cancelled"),
        ([("S12", ""), ("S14", "Cancelled")], "cancelled"),
        ([("S12", ""), ("S14", "NOSHOW^No show^HL70278")], "no_show"),
        ([("S12", ""), ("S14", "Deleted"), ("S13", "Booked")], "booked"),
        ([("S12", ""), ("S14", "Started")], "booked"),
        ([("S12", "Cancelled")], "booked"),
    ],
)
def test_the_status_is_what_a_trigger_or_the_filler_said_last(steps, status):
    assert told(*((*step, ()) for step in steps)).status == status


@pytest.mark.parametrize(
    ("steps", "booked"),
    [
        ([("S12", [ROOM, SURGEON]), ("S13", ["AIL|1||OR5"])], ["OR5"]),
        ([("S12", [ROOM, SURGEON]), ("S14", [])], ["OR3", "DOC1"]),
        ([("S12", [ROOM]), ("S18", [SURGEON])], ["OR3", "DOC1"]),
        ([("S12", [ROOM, SURGEON]), ("S21", ["AIP|1|D|DOC1"])], ["OR3"]),
        (
            [
                ("S12", [ROOM, SURGEON]),
                ("S13", ["AIL|1|D|OR3^^^MVH", "AIL|2|A|OR5"]),
            ],
            ["DOC1", "OR5"],
        ),
        ([("S12", [ROOM]), ("S21", ["AIL|1|D|OR3"]), ("S13", [])], []),
    ],
)
def test_what_is_deleted_is_not_booked_and_what_is_added_stays(steps, booked):
    found = told(*((trigger, "", resources) for trigger, resources in steps))
    assert [each["id"] for each in found.resources] == booked
    assert not any("is_deleted" in each for each in found.resources)


def test_an_appointment_does_not_start_with_a_resource_that_is_deleted():
    early, late = ("20260320080000-0500", "20260320100000-0500")
    resources = ("RGS|1", f"AIL|1|D|OR3|||{early}", f"AIL|2|A|OR5|||{late}")
    found = fold(events(siu("S13", "M1", sch="SCH|P1|F1", resources=resources)))
    assert found.starts_at.hour == 15


@pytest.mark.parametrize(
    ("steps", "places"),
    [
        (
            [("S12", ["AIL|1|A|SURG^OR3^^MVH"]), ("S13", ["AIL|1|A|SURG^OR5^^MVH"])],
            [("SURG", "OR3"), ("SURG", "OR5")],
        ),
        (
            [("S12", ["AIL|1|A|SURG^^^MVH"]), ("S14", ["AIL|1|U|SURG^OR3^1^MVH"])],
            [("SURG", ""), ("SURG", "OR3")],
        ),
        (
            [("S12", ["AIL|1|A|SURG^OR3"]), ("S14", ['AIL|1|U|SURG^""'])],
            [("SURG", "OR3"), ("SURG", "")],
        ),
        (
            [
                ("S12", ["AIL|1|A|SURG^OR3", "AIL|2|A|SURG^OR4"]),
                ("S13", ["AIL|1|D|SURG^OR3"]),
            ],
            [("SURG", "OR3"), ("SURG", "OR4")],
        ),
        (
            [
                ("S12", ["AIL|1|A|SURG^OR3", "AIL|2|A|SURG^OR4"]),
                ("S13", ["AIL|1|D|SURG", "AIL|1|A|CARD^CATH1"]),
            ],
            [("SURG", "OR3"), ("CARD", "CATH1")],
        ),
        ([("S12", ["AIL|1|A|HOLDING^BAY2", "AIL|2|A|OR3|OR"])], [("OR3", "OR3")]),
        ([("S12", ["AIL|1|A|HOLDING", "AIL|2|A|SURG^OR3"])], [("SURG", "OR3")]),
        ([("S12", ["AIL|1|A|SURG^OR3"]), ("S15", [])], [("SURG", "OR3")] * 2),
        ([("S12", [SURGEON])], [("", "")]),
    ],
)
def test_a_booking_keeps_unit_and_room_that_it_had(steps, places):
    found = told(*((trigger, "", resources) for trigger, resources in steps))
    assert [(each.unit, each.room) for each in found.bookings] == places
