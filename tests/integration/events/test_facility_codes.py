"""The codes that the crosswalk maps to one facility are one sender of visits."""

from datetime import UTC, datetime

import pytest

from ledgerline.events.fold import fold_visits
from tests.unit.connectors.formats.hl7v2_text import adt, pv1

pytestmark = pytest.mark.integration


def visits(connection):
    return connection.execute(
        "select sending_facility, visit_number, status, event_count"
        " from raw_ehr.folded_visit order by 1, 2"
    ).fetchall()


def map_code(connection, code, facility, valid_from="2020-01-01"):
    connection.execute(
        "insert into reference.crosswalk (code_set, source_system, facility_code,"
        " native_code, canonical_code, valid_from, approved_by, approved_at)"
        " values ('facility', 'ehr', '*', %s, %s, %s, 'test', now())",
        [code, facility, valid_from],
    )


def stay_under_two_codes():
    return (
        adt("A01", "M1", facility="MVH_HIS"),
        adt("A03", "M2", "20260316090000-0500", facility="MVH_ED"),
    )


def test_a_visit_told_under_two_codes_of_a_facility_is_one(feed, warehouse, connection):
    map_code(connection, "MVH_HIS", "MVH")
    map_code(connection, "MVH_ED", "MVH")
    feed(*stay_under_two_codes())
    assert fold_visits(warehouse).visits == 1
    assert visits(connection) == [("MVH_ED", "MVH0000123", "finished", 2)]
    assert fold_visits(warehouse).events == 0


def test_the_code_that_stands_for_the_others_does_not_hang_on_the_arrival(
    feed, warehouse, connection
):
    map_code(connection, "MVH_HIS", "MVH")
    map_code(connection, "MVH_ED", "MVH")
    for message in stay_under_two_codes():
        feed(message)
        fold_visits(warehouse)
    assert visits(connection) == [("MVH_ED", "MVH0000123", "finished", 2)]


def test_visits_are_folded_again_when_the_crosswalk_changes(
    feed, warehouse, connection
):
    feed(*stay_under_two_codes(), adt("A01", "M3", facility="LGH"))
    fold_visits(warehouse)
    apart = visits(connection)
    assert len(apart) == 3
    map_code(connection, "MVH_HIS", "MVH")
    map_code(connection, "MVH_ED", "MVH")
    fold_visits(warehouse)
    assert visits(connection) == [
        ("LGH", "MVH0000123", "in_progress", 1),
        ("MVH_ED", "MVH0000123", "finished", 2),
    ]
    connection.execute("delete from reference.crosswalk")
    fold_visits(warehouse)
    assert visits(connection) == apart


def test_equal_numbers_of_two_facilities_are_two_visits(feed, warehouse, connection):
    map_code(connection, "MVH_HIS", "MVH")
    map_code(connection, "MVH_ED", "LGH")
    feed(*stay_under_two_codes(), adt("A08", "M3", facility="MVH"))
    fold_visits(warehouse)
    assert [row[:3] for row in visits(connection)] == [
        ("MVH", "MVH0000123", "provisional"),
        ("MVH_ED", "MVH0000123", "provisional"),
        ("MVH_HIS", "MVH0000123", "in_progress"),
    ]


def test_a_code_that_meant_two_facilities_over_time_stands_for_itself(
    feed, warehouse, connection
):
    map_code(connection, "MVH_HIS", "MVH")
    map_code(connection, "MVH_ED", "MVH")
    map_code(connection, "MVH_ED", "LGH", "2026-01-01")
    feed(*stay_under_two_codes())
    fold_visits(warehouse)
    assert len(visits(connection)) == 2


def test_times_without_an_offset_are_those_of_the_facility_s_clocks(
    feed, warehouse, connection
):
    def admitted():
        [(moment,)] = connection.execute(
            "select admitted_at from raw_ehr.folded_visit"
        ).fetchall()
        return moment

    feed(adt("A01", "M1", "20260331233000", pv1=pv1(f44="20260331233000")))
    fold_visits(warehouse)
    assert admitted() == datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    map_code(connection, "MVH", "MVH")
    connection.execute(
        "insert into reference.facility (facility_code, facility_name, valid_from,"
        " time_zone) values ('MVH', 'Mercy', '2020-01-01', 'America/New_York')"
    )
    fold_visits(warehouse)
    assert admitted() == datetime(2026, 4, 1, 3, 30, tzinfo=UTC)
    feed(adt("A08", "M2", "20260331234500-0700", pv1=pv1(f44="20260331233000")))
    fold_visits(warehouse)
    assert admitted() == datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
