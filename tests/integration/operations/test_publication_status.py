"""What every page of the dashboards says of its publication and of the gate."""

import psycopg
import pytest

pytestmark = pytest.mark.integration


@pytest.fixture
def connection(warehouse_dsn):
    with psycopg.connect(warehouse_dsn) as connection:
        yield connection
        connection.rollback()


def decide(connection, verdict, held=(), evaluated=1406):
    return connection.execute(
        "insert into ops.gate_decision (run_id, gate, verdict, data_hash, suite_hash, "
        "evaluated_count, required_count, held_facilities, code_version) "
        "values ('run', 'publication', %s, 'd', 's', %s, 10, %s, '0') "
        "returning decision_id",
        [verdict, evaluated, list(held)],
    ).fetchone()[0]


def publish(connection, verdict, held=(), evaluated=1406):
    decision = decide(connection, verdict, held, evaluated)
    return connection.execute(
        "insert into ops.publication (decision_id, data_hash, suite_hash, verdict, "
        "code_version, held_facilities) values (%s, 'd', 's', %s, '0', %s) "
        "returning publication_id",
        [decision, verdict, list(held)],
    ).fetchone()[0]


def land(connection, ago, status="complete"):
    return connection.execute(
        "insert into ops.landing_batch (source, status, finished_at) "
        "values ('erp', %s, clock_timestamp() - %s::interval) returning finished_at",
        [status, ago],
    ).fetchone()[0]


def status(connection):
    connection.execute("set role ledgerline_executive")
    found = connection.execute(
        "select publication_id, data_as_of, gate_badge, gate_note "
        "from marts.publication_status"
    ).fetchall()
    connection.execute("reset role")
    return found


def test_before_the_first_publication_there_is_nothing_to_say(connection):
    decide(connection, "BLOCK")
    assert status(connection) == []


def test_a_publication_that_passed_is_told_with_its_number_and_age(connection):
    land(connection, "2 hours")
    newest = land(connection, "1 hour")
    land(connection, "1 minute", status="failed")
    number = publish(connection, "PASS")
    land(connection, "-1 hour")
    (told,) = status(connection)
    assert told[:3] == (number, newest, "PASSED")
    assert told[3] == "1,406 checks evaluated, none holds anything back"


def test_facilities_that_stayed_as_they_were_are_named(connection):
    publish(connection, "HOLD", ["LGH", "MVH"])
    assert status(connection)[0][2:] == (
        "HELD",
        "Held as they were before: LGH, MVH",
    )


def test_when_newer_data_is_refused_the_last_publication_stands_and_it_says_so(
    connection,
):
    number = publish(connection, "PASS")
    decide(connection, "BLOCK")
    ((shown, _, badge, note),) = status(connection)
    assert (shown, badge) == (number, "NOT PASSED")
    assert f"did not pass the gate: this is publication {number}, the last" in note


def test_what_passes_after_a_refusal_clears_it(connection):
    publish(connection, "PASS")
    decide(connection, "BLOCK")
    number = publish(connection, "PASS")
    assert status(connection)[0][0] == number
    assert status(connection)[0][2] == "PASSED"


def test_a_revert_is_not_blamed_for_a_refusal_that_was_cleared_before(connection):
    first = publish(connection, "PASS")
    decide(connection, "BLOCK")
    publish(connection, "PASS")
    connection.execute(
        "insert into ops.publication (restores_publication_id, decision_id, data_hash, "
        "suite_hash, verdict, code_version) select publication_id, decision_id, "
        "data_hash, suite_hash, verdict, code_version from ops.publication "
        "where publication_id = %s",
        [first],
    )
    ((shown, _, badge, _),) = status(connection)
    assert shown > first
    assert badge == "PASSED"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("1234567.50", "$1,234,568"),
        ("-1234.40", "($1,234)"),
        ("-0.40", "$0"),
        ("0", "$0"),
        (None, "unknown"),
    ],
)
def test_dollars_are_written_as_finance_people_write_them(connection, amount, written):
    found = connection.execute("select marts.dollars(%s::numeric)", [amount])
    assert found.fetchone()[0] == written


def name_of(connection, code_set, code):
    connection.execute("set role ledgerline_executive")
    found = connection.execute(
        "select code_name from marts.code_name where code_set = %s and code = %s",
        [code_set, code],
    ).fetchall()
    connection.execute("reset role")
    return [name for (name,) in found]


def test_a_facility_has_its_name(connection):
    connection.execute(
        "insert into reference.facility (facility_code, facility_name, valid_from) "
        "values ('LGH', 'Lakeside General', '2020-01-01')"
    )
    assert name_of(connection, "facility", "LGH") == ["Lakeside General"]


def test_service_lines_have_names_once_a_build_has_loaded_them(connection):
    assert name_of(connection, "service_line", "orthopedics_spine") == []
    connection.execute(
        "create table reference.service_line as select "
        "'orthopedics_spine' as service_line_code, "
        "'Orthopedics & Spine' as service_line_name"
    )
    assert name_of(connection, "service_line", "orthopedics_spine") == [
        "Orthopedics & Spine"
    ]
    connection.execute("drop table reference.service_line")
