"""A mart with a service line is shown to directors by line, through every change."""

import psycopg
import pytest

from ledgerline.operations.lines import access
from ledgerline.operations.lines.repository import AccessRefused
from ledgerline.publication.history import revert
from tests.integration.publication.candidates import FEES, MORE

pytestmark = pytest.mark.integration

BY_LINE = (
    "alter table candidate_marts.margin add column service_line_code text; "
    "update candidate_marts.margin set service_line_code = "
    "case facility_code when 'MVH' then 'heart' else 'bones' end"
)
READER = "director_maria"


@pytest.fixture
def lines(warehouse):
    """Maria directs the line of the heart."""
    warehouse.execute(
        "drop table if exists reference.service_line; "
        "create table reference.service_line as "
        "select * from (values ('heart', 'Heart'), ('bones', 'Bones')) "
        "as line (service_line_code, service_line_name)"
    )
    with psycopg.connect(warehouse.dsn, autocommit=True) as connection:
        known = connection.execute("select rolname from pg_roles").fetchall()
        if (READER,) not in known:
            connection.execute(
                f"create role {READER} login in role ledgerline_director"
            )
    if ("maria", "heart") not in held(warehouse):
        number = access.give(warehouse.dsn, "maria", "heart", "Ann Lee")
        access.decide(warehouse.dsn, number, "approved", "Bo Kim")
    return warehouse


def held(warehouse):
    return warehouse.execute(
        "select director_name, service_line_code from reference.director_line"
    )


def publish(warehouse, fees, change=""):
    warehouse.build(fees)
    warehouse.execute(BY_LINE)
    if change:
        warehouse.execute(f"alter table candidate_marts.margin {change}")
    return warehouse.publish()


def seen(warehouse, role, columns="facility_code, amount"):
    with psycopg.connect(warehouse.dsn) as connection:
        connection.execute(f"set role {role}")
        return connection.execute(
            f"select {columns} from marts_by_line.margin order by 1"
        ).fetchall()


def test_a_director_sees_the_newest_rows_of_the_line_and_executives_all(lines):
    publish(lines, FEES)
    assert seen(lines, READER) == [("MVH", 30)]
    assert seen(lines, "ledgerline_executive") == [("LGH", 30), ("MVH", 30)]
    publish(lines, MORE)
    assert seen(lines, READER) == [("MVH", 11)]


def test_a_revert_is_seen_by_line(lines):
    first = publish(lines, FEES)
    publish(lines, MORE)
    revert(lines.dsn, first.publication_id, by="c.ops")
    assert seen(lines, READER) == [("MVH", 30)]


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ("add column payer text default 'BCBS'", "facility_code, amount, payer"),
        ("alter column amount type numeric(20,4)", "facility_code, amount"),
        ("rename column amount to margin_amount", "facility_code, margin_amount"),
    ],
)
def test_a_change_of_columns_is_seen_by_line_and_so_is_its_revert(
    lines, change, columns
):
    first = publish(lines, FEES)
    publish(lines, MORE, change)
    assert [row[:2] for row in seen(lines, READER, columns)] == [("MVH", 11)]
    revert(lines.dsn, first.publication_id, by="c.ops")
    assert seen(lines, READER) == [("MVH", 30)]


def test_a_mart_that_lost_its_service_line_is_shown_to_no_director(lines):
    publish(lines, FEES)
    lines.build(MORE)
    lines.publish()
    with pytest.raises(psycopg.errors.UndefinedTable):
        seen(lines, READER)
    with pytest.raises(psycopg.errors.UndefinedTable):
        lines.execute(
            "select * from marts_by_line.own_rows('margin') as line (amount numeric)"
        )


def test_the_columns_are_described_by_line_as_they_are_in_the_mart(lines):
    publish(lines, FEES)
    assert lines.execute(
        "select col_description('marts_by_line.margin'::regclass, attnum) "
        "from pg_attribute where attrelid = 'marts_by_line.margin'::regclass "
        "and attname = 'amount'"
    ) == [("USD, the sum of all fees",)]


def test_a_line_is_given_by_two_people_and_taken_away_by_one(lines):
    publish(lines, FEES)
    number = access.give(lines.dsn, "maria", "bones", "Ann Lee")
    assert seen(lines, READER) == [("MVH", 30)]
    with pytest.raises(AccessRefused, match="another person approves it"):
        access.decide(lines.dsn, number, "approved", " ann LEE ")
    access.decide(lines.dsn, number, "approved", "Bo Kim")
    assert seen(lines, READER) == [("LGH", 30), ("MVH", 30)]
    access.take(lines.dsn, "maria", "bones", "Ann Lee")
    assert seen(lines, READER) == [("MVH", 30)]
    with pytest.raises(AccessRefused, match="does not see bones"):
        access.take(lines.dsn, "maria", "bones", "Ann Lee")


def test_an_approval_after_the_line_was_taken_does_not_bring_it_back(lines):
    waiting = access.give(lines.dsn, "maria", "bones", "Ann Lee")
    given = access.give(lines.dsn, "maria", "bones", "Ann Lee")
    access.decide(lines.dsn, given, "approved", "Bo Kim")
    access.take(lines.dsn, "maria", "bones", "Cy Orr")
    with pytest.raises(AccessRefused, match="propose it again"):
        access.decide(lines.dsn, waiting, "approved", "Bo Kim")
    access.decide(lines.dsn, waiting, "rejected", "Bo Kim")
    assert held(lines) == [("maria", "heart")]


def test_what_breaks_a_rule_of_access_is_refused_in_one_sentence(lines):
    with pytest.raises(AccessRefused, match="no service line lungs"):
        access.give(lines.dsn, "maria", "lungs", "Ann Lee")
    with pytest.raises(AccessRefused, match="small letters"):
        access.give(lines.dsn, "Maria; drop", "heart", "Ann Lee")
    with pytest.raises(AccessRefused, match="database role"):
        access.give(lines.dsn, "maria", "heart", "ledgerline_analyst")
    with pytest.raises(AccessRefused, match="nothing of number"):
        access.decide(lines.dsn, 10_000, "approved", "Bo Kim")


def test_who_saw_what_is_on_the_chain_and_never_deleted(lines):
    number = access.give(lines.dsn, "maria", "bones", "Ann Lee")
    access.decide(lines.dsn, number, "rejected", "Bo Kim")
    assert lines.execute(
        "select action, detail ->> 'by' from audit.event "
        "where subject = 'reference.line_access' and subject_id = %s "
        "order by event_id",
        [str(number)],
    ) == [("proposed", "Ann Lee"), ("rejected", "Bo Kim")]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        lines.execute("delete from reference.line_access")
