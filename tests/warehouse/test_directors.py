"""A director of service lines sees theirs, and by no way anything of another."""

from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledgerline.operations.lines import access
from ledgerline.store.roles import open_directors
from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration

OWN, OTHER = "general_medicine", "emergency"
NAME = "tess"
SECRET = "a-password-of-this-test"
BY_LINE = (
    *("service_line_margin", "payer_margin_rate", "surgical_supply"),
    "service_line_reimbursement",
)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """The warehouse as its owner knows it, and as the director logs in."""

    owner: str
    director: str

    def told(self, question, values=None):
        return answer(self.owner, question, values)

    def asked(self, question, values=None):
        return answer(self.director, question, values)


def answer(dsn, question, values=None):
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(question, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def seat(built_warehouse):
    with copied(built_warehouse.dsn, "of_a_director") as owner:
        number = access.give(owner, NAME, OWN, "Ann Lee")
        access.decide(owner, number, "approved", "Bo Kim")
        assert NAME in access.directors(owner)
        open_directors(owner, {NAME: SECRET})
        director = make_conninfo(owner, user=f"director_{NAME}", password=SECRET)
        yield Seat(owner=owner, director=director)


def test_a_director_sees_exactly_the_rows_of_the_line(seat):
    for relation in BY_LINE:
        question = (
            "select to_jsonb(line)::text "
            f"from marts_pooled.{relation} as line {{}} order by 1"
        )
        expected = seat.told(question.format(f"where service_line_code = '{OWN}'"))
        every = seat.told(question.format(""))
        assert seat.asked(question.format("")) == expected, relation
        assert len(expected) < len(every), relation
    assert seat.asked("select * from marts_pooled.service_line_margin")


def test_no_other_relation_has_a_column_that_a_director_may_read(seat):
    assert seat.told(
        """
        select schema.nspname, relation.relname
        from pg_class as relation
        inner join pg_namespace as schema on relation.relnamespace = schema.oid
        where
            schema.nspname !~ '^pg_|^information_schema$'
            and relation.relkind in ('r', 'v', 'p', 'm', 'f')
            and has_schema_privilege('ledgerline_director', schema.oid, 'usage')
            and has_any_column_privilege('ledgerline_director', relation.oid, 'select')
        order by 1, 2
        """
    ) == [
        ("marts", "code_name"),
        ("marts", "publication_status"),
        *(("marts_pooled", relation) for relation in sorted(BY_LINE)),
    ]


@pytest.mark.parametrize(
    "relation",
    [
        "marts.service_line_profitability",
        "marts.margin_ladder",
        "marts_pooled.facility_margin",
        "marts_pooled.payer_reimbursement",
        "marts.revenue_cycle_kpi",
        "marts_history.service_line_profitability",
        "marts_history.publication",
        "conformed.fct_charge",
        "conformed_history.fct_charge",
        "published.marts__service_line_profitability",
        "candidate_marts.service_line_profitability",
        "reference.line_access",
        "reference.director_line",
        "reference.budget",
        "post.entry",
        "raw_ehr.record",
    ],
)
def test_what_tells_of_other_lines_is_refused(seat, relation):
    assert seat.told("select to_regclass(%s) is not null", [relation]) == [(True,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        seat.asked(f"select 1 from {relation} limit 1")


def test_a_question_is_never_evaluated_on_the_row_of_another_line(seat):
    """A function of the director's own would tell of each row it is called with."""
    with psycopg.connect(seat.director) as connection:
        connection.add_notice_handler(
            lambda notice: heard.append(notice.message_primary)
        )
        heard = []
        connection.execute(
            "create function pg_temp.tell(line text, amount numeric) returns boolean "
            "language plpgsql cost 0.0000001 as "
            "$$ begin raise notice '%', line; return true; end; $$"
        )
        connection.execute(
            "select * from marts_pooled.service_line_margin "
            "where pg_temp.tell(service_line_code, net_revenue_amount)"
        )
        assert set(heard) == {OWN}
        connection.execute(
            f"select 1 / (case service_line_code when '{OWN}' then 1 else 0 end) "
            "from marts_pooled.service_line_margin"
        )


def test_explain_estimates_nothing_from_the_rows_of_another_line(seat):
    def plan(line):
        found = seat.asked(
            "explain select * from marts_pooled.service_line_margin "
            f"where service_line_code = '{line}'"
        )
        return [text.replace(line, "?") for (text,) in found]

    seat.told("analyze")
    assert plan(OTHER) == plan(OWN) == plan("no_such_line")
    assert not any("marts__" in text for text in plan(OTHER))


def test_statistics_tell_a_director_nothing(seat):
    assert (
        seat.asked(
            "select schemaname, tablename from pg_stats "
            "where schemaname !~ '^pg_|^information_schema$'"
        )
        == []
    )


def test_nobody_becomes_another_reader(seat):
    rows = "select distinct service_line_code from marts_pooled.service_line_margin"
    for attempt in (
        "set role ledgerline_executive",
        "select set_config('role', 'ledgerline_analyst', false)",
        "set session authorization ledgerline_executive",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            seat.asked(attempt)
    with psycopg.connect(seat.director) as connection:
        connection.execute("set search_path = pg_temp, marts_pooled")
        connection.execute("create temp table director_line (director_name text)")
        assert connection.execute(rows).fetchall() == [(OWN,)]
        connection.execute("set role ledgerline_director")
        assert connection.execute(rows).fetchall() == []


def test_the_functions_behind_the_views_are_not_called_by_name(seat):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        seat.asked("select * from ops.pooled_facility_margin()")


def test_a_director_writes_nothing_and_makes_nothing(seat):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        seat.asked("create table marts_pooled.mine ()")
    with pytest.raises(psycopg.Error):
        seat.asked("delete from marts_pooled.surgical_supply")


def test_a_director_without_a_line_sees_nothing(seat):
    open_directors(seat.owner, {"nobody": SECRET})
    nobody = make_conninfo(seat.director, user="director_nobody")
    for relation in BY_LINE:
        assert answer(nobody, f"select count(*) from marts_pooled.{relation}") == [(0,)]
