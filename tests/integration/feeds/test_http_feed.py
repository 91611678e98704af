"""Paging over HTTP against a real server: order, faults, kills."""

import time

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    SourceUnavailable,
)
from ledgerline.connectors.feeds import HttpFeed, csv_rows, folder_feed, json_rows
from ledgerline.landing.land import land
from ledgerline.landing.replay import Selection, replay
from tests.integration.feeds.conftest import shift

pytestmark = pytest.mark.integration


def feed(scheduling, name, **changes):
    given = {
        "zone": "scheduling",
        "name": f"scheduling_{name}",
        "endpoint": scheduling.endpoint(),
        "path": "/v1/shifts",
        "format": json_rows("shift", "shift_id", at="shifts"),
    }
    return HttpFeed(**(given | changes))


def numbers(report):
    return (report.received, report.landed, report.quarantined, report.duplicate)


def saved(connection, name):
    found = connection.execute(
        "select value ->> 'cursor' from ops.source_state where source = %s",
        [f"scheduling_{name}"],
    ).fetchone()
    return found[0] if found else None


def test_a_landing_that_dies_between_pages_goes_on_where_it_was_committed(
    scheduling, warehouse_dsn, connection
):
    class Killed(BaseException):
        pass

    class Dying(HttpFeed):
        def _next(self, page):
            if len(scheduling.asked) == 2:
                raise Killed
            return super()._next(page)

    dying = Dying(**feed(scheduling, "killed").__dict__)
    with pytest.raises(Killed):
        land(warehouse_dsn, dying)
    assert saved(connection, "killed") == "10"
    report = land(warehouse_dsn, feed(scheduling, "killed"))
    assert scheduling.asked == ["", "10", "10", "20"]
    assert numbers(report) == (15, 5, 0, 10)
    count = "select count(*) from raw_scheduling.record"
    assert connection.execute(count).fetchone() == (25,)


@pytest.mark.parametrize(
    "header",
    ["0", "garbage", "-5", "a second from now"],
)
def test_a_busy_server_is_waited_for(scheduling, warehouse_dsn, header):
    if header == "a second from now":
        header = str(int(time.time()) + 1)
    scheduling.faults = [(429, b"", [("Retry-After", header)]), (503, b"busy")]
    name = f"busy{len(header)}{ord(header[0])}"
    assert land(warehouse_dsn, feed(scheduling, name)).received == 25


def test_a_key_that_is_refused_is_said_and_not_tried_again(scheduling, warehouse_dsn):
    wrong = feed(scheduling, "key", endpoint=scheduling.endpoint(password="wrong"))
    with pytest.raises(AuthenticationFailed, match="scheduling_shifts"):
        land(warehouse_dsn, wrong)
    assert scheduling.asked == [""]


def test_pages_in_a_circle_are_told(scheduling, warehouse_dsn):
    scheduling.next_of = {"10": "10"}
    with pytest.raises(SourceUnavailable, match="circle"):
        land(warehouse_dsn, feed(scheduling, "circle"))


@pytest.mark.parametrize("status", [301, 404, 418])
def test_other_answers_name_the_path_and_no_redirect_is_followed(
    scheduling, warehouse_dsn, status
):
    away = [("Location", "http://169.254.169.254/latest")]
    scheduling.faults = [(status, b"", away)]
    with pytest.raises(ConfigurationInvalid, match=f"/v1/shifts.*HTTP {status}"):
        land(warehouse_dsn, feed(scheduling, f"status{status}"))
    assert len(scheduling.asked) == 1


def test_an_answer_that_is_no_page_is_quarantined_and_moves_no_cursor(
    scheduling, warehouse_dsn, connection
):
    scheduling.faults = [(200, b"<html>maintenance</html>")]
    report = land(warehouse_dsn, feed(scheduling, "html"))
    assert numbers(report) == (1, 0, 1, 0)
    assert report.by_class == {"CONTRACT_DRIFT": 1}
    assert saved(connection, "html") is None
    assert land(warehouse_dsn, feed(scheduling, "html")).received == 25


def test_csv_of_a_folder_lands_as_text_and_is_replayed_by_its_formats_name(
    tmp_path, warehouse_dsn, connection
):
    (tmp_path / "lines_1.csv").write_bytes(
        b"\xef\xbb\xbfline,code,amount\n00123,NA,1E5\n2,,-0.10\n,lost,1\n"
    )
    (tmp_path / "lines_2.csv").write_bytes(b"line,code,amount\n9,a,b,c\n")
    (tmp_path / "other.txt").write_bytes(b"x")
    source = folder_feed(
        zone="payroll",
        name="payroll_lines",
        endpoint=Endpoint(conn_id="p", conn_type="fs", extra={"path": str(tmp_path)}),
        formats={"lines_*.csv": csv_rows("line", "line")},
    )
    report = land(warehouse_dsn, source)
    assert numbers(report) == (5, 2, 3, 0)
    assert report.by_class == {"ID_MISSING": 1, "SHAPE": 1, "UNRECOGNISED_FORMAT": 1}
    query = "select resource_id, body from raw_payroll.current_record order by 1"
    assert connection.execute(query).fetchall() == [
        ("00123", {"line": "00123", "code": "NA", "amount": "1E5"}),
        ("2", {"line": "2", "code": None, "amount": "-0.10"}),
    ]
    again = replay(warehouse_dsn, Selection(source="payroll_lines"), by="tester")
    assert (again.replayed, again.still_refused) == (0, 3)
    assert numbers(land(warehouse_dsn, source)) == (5, 0, 0, 5)


def test_a_shift_that_changes_lands_as_a_new_version(
    scheduling, warehouse_dsn, connection
):
    scheduling.shifts = [shift(900)]
    land(warehouse_dsn, feed(scheduling, "changed"))
    scheduling.shifts = [shift(900, department="6030")]
    assert land(warehouse_dsn, feed(scheduling, "changed")).landed == 1
    query = (
        "select body ->> 'department' from raw_scheduling.current_record "
        "where resource_id = '00900'"
    )
    assert connection.execute(query).fetchall() == [("6030",)]
