"""A build knows what readers were told of a month before the next one appeared."""

import psycopg
import pytest

from ledgerline.publication.history import revert
from tests.integration.publication.candidates import model

pytestmark = pytest.mark.integration

KEY = ["service_month", "facility_code", "service_line_code", "payer_class"]
MART = model(
    "candidate_marts", "service_line_profitability", KEY, dict.fromkeys(KEY, "")
)
JANUARY, FEBRUARY = "2026-01-01", "2026-02-01"
OTHER = [(JANUARY, "LGH", "A", "p", 1), (FEBRUARY, "LGH", "A", "p", 2)]
OPEN = [
    (JANUARY, "MVH", "A", "p", 10),
    (JANUARY, "MVH", "A", "q", 5),
    (JANUARY, "MVH", "B", "p", 7),
]
CLOSED = [(JANUARY, "MVH", "A", "p", 11), (JANUARY, "MVH", "A", "q", 5)]
NEXT = [
    (JANUARY, "MVH", "A", "p", 12),
    (JANUARY, "MVH", "C", "p", 70),
    (FEBRUARY, "MVH", "A", "p", 20),
]


@pytest.fixture
def show(warehouse):
    """Publish these rows beside those of a facility whose months came at once."""
    warehouse.describe(MART)
    warehouse.execute(
        "create table candidate_marts.service_line_profitability (service_month date, "
        "facility_code text, service_line_code text, payer_class text, "
        "operating_margin_amount numeric(18, 2))"
    )

    def publish(rows, **gate):
        warehouse.execute("truncate candidate_marts.service_line_profitability")
        for row in [*OTHER, *rows]:
            warehouse.execute(
                "insert into candidate_marts.service_line_profitability "
                "values (%s, %s, %s, %s, %s)",
                row,
            )
        return warehouse.publish(**gate).publication_id

    return publish


def known(warehouse):
    """What the role that builds the warehouse is told."""
    with psycopg.connect(warehouse.dsn) as connection:
        connection.execute("set role ledgerline_build")
        found = connection.execute(
            "select * from build.published_margin() order by 1, 2"
        ).fetchall()
    return [
        (facility, line, str(month), amount) for facility, line, month, amount in found
    ]


def test_nothing_is_known_before_the_first_publication(warehouse):
    assert known(warehouse) == []


def test_a_month_is_known_as_shown_last_before_the_next_one(warehouse, show):
    show(OPEN)
    before = show(CLOSED)
    assert known(warehouse) == []
    show(NEXT)
    assert known(warehouse) == [("MVH", "A", JANUARY, 16)]
    # What is shown later, or again, changes nothing of what readers knew then.
    show([(JANUARY, "MVH", "A", "p", 13), *NEXT[1:]])
    revert(warehouse.dsn, before, by="c.ops")
    show(NEXT)
    assert known(warehouse) == [("MVH", "A", JANUARY, 16)]


def test_a_facility_that_is_held_has_shown_no_next_month(warehouse, show):
    show(CLOSED)
    show(NEXT, held=("MVH",))
    assert known(warehouse) == []
