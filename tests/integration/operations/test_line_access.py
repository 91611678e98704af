"""Who sees which service line: given by two people, taken away by one."""

import psycopg
import pytest

from ledgerline.operations.lines import access
from ledgerline.operations.lines.repository import AccessRefused

pytestmark = pytest.mark.integration


@pytest.fixture
def lines(dsn):
    """The DSN of a warehouse where Maria directs the line of the heart."""
    told(
        dsn,
        "create table reference.service_line as "
        "select * from (values ('heart', 'Heart'), ('bones', 'Bones')) "
        "as line (service_line_code, service_line_name)",
    )
    number = access.give(dsn, "maria", "heart", "Ann Lee")
    access.decide(dsn, number, "approved", "Bo Kim")
    return dsn


def told(dsn, question, values=None):
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(question, values)
        return cursor.fetchall() if cursor.description else []


def held(dsn):
    return told(
        dsn,
        "select director_name, service_line_code from reference.director_line "
        "order by 2 desc",
    )


def test_a_line_is_given_by_two_people_and_taken_away_by_one(lines):
    number = access.give(lines, "maria", "bones", "Ann Lee")
    assert held(lines) == [("maria", "heart")]
    with pytest.raises(AccessRefused, match="another person approves it"):
        access.decide(lines, number, "approved", " ann LEE ")
    access.decide(lines, number, "approved", "Bo Kim")
    assert held(lines) == [("maria", "heart"), ("maria", "bones")]
    access.take(lines, "maria", "bones", "Ann Lee")
    assert held(lines) == [("maria", "heart")]
    with pytest.raises(AccessRefused, match="does not see bones"):
        access.take(lines, "maria", "bones", "Ann Lee")


def test_an_approval_after_the_line_was_taken_does_not_bring_it_back(lines):
    waiting = access.give(lines, "maria", "bones", "Ann Lee")
    given = access.give(lines, "maria", "bones", "Ann Lee")
    access.decide(lines, given, "approved", "Bo Kim")
    access.take(lines, "maria", "bones", "Cy Orr")
    with pytest.raises(AccessRefused, match="propose it again"):
        access.decide(lines, waiting, "approved", "Bo Kim")
    access.decide(lines, waiting, "rejected", "Bo Kim")
    assert held(lines) == [("maria", "heart")]


def test_what_breaks_a_rule_of_access_is_refused_in_one_sentence(lines):
    with pytest.raises(AccessRefused, match="no service line lungs"):
        access.give(lines, "maria", "lungs", "Ann Lee")
    with pytest.raises(AccessRefused, match="small letters"):
        access.give(lines, "Maria; drop", "heart", "Ann Lee")
    with pytest.raises(AccessRefused, match="database role"):
        access.give(lines, "maria", "heart", "ledgerline_analyst")
    with pytest.raises(AccessRefused, match="nothing of number"):
        access.decide(lines, 10_000, "approved", "Bo Kim")


def test_who_saw_what_is_on_the_chain_and_never_deleted(lines):
    number = access.give(lines, "maria", "bones", "Ann Lee")
    access.decide(lines, number, "rejected", "Bo Kim")
    assert told(
        lines,
        "select action, detail ->> 'by' from audit.event "
        "where subject = 'reference.line_access' and subject_id = %s "
        "order by event_id",
        [str(number)],
    ) == [("proposed", "Ann Lee"), ("rejected", "Bo Kim")]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        told(lines, "delete from reference.line_access")
