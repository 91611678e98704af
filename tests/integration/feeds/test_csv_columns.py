"""Columns of a CSV feed: as agreed, too many, gone, renamed; by folder and by HTTP."""

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.feeds import HttpFeed, csv_rows, folder_feed
from ledgerline.landing.land import land
from ledgerline.quality.check import Severity
from ledgerline.quality.sources import check_sources

pytestmark = pytest.mark.integration
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: workforce-roster
version: 2.0.0
status: active
team: {name: workforce_office}
schema:
  - name: roster
    customProperties: [{property: everyPropertyPresent, value: true}]
    properties:
      - {name: roster_id, logicalType: string, required: true}
      - {name: unit, logicalType: string}
      - {name: hours, logicalType: number, physicalType: string}
      - {name: worked_on, logicalType: date}
"""
GOOD = b"roster_id,unit,hours,worked_on\n0001,NA,12,2026-03-01\n0002,,,\n"


@pytest.fixture
def feed(tmp_path, monkeypatch):
    place = tmp_path / "contracts" / "workforce"
    place.mkdir(parents=True)
    (place / "roster.odcs.yaml").write_text(CONTRACT)
    monkeypatch.setenv("LEDGERLINE_CONTRACTS", str(tmp_path / "contracts"))
    folder = tmp_path / "drop"
    folder.mkdir()

    def offer(name, content):
        for path in folder.iterdir():
            path.unlink()
        (folder / name).write_bytes(content)
        return folder_feed(
            zone="workforce",
            name="workforce_roster",
            endpoint=Endpoint(conn_id="w", conn_type="fs", extra={"path": str(folder)}),
            formats={"roster*.csv": csv_rows("roster", "roster_id")},
        )

    return offer


def numbers(report):
    return (report.received, report.landed, report.quarantined, report.duplicate)


def test_rows_as_agreed_land_with_empty_cells_as_nothing(feed, warehouse_dsn):
    report = land(warehouse_dsn, feed("roster1.csv", GOOD))
    assert numbers(report) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b",unit,", b",department,"), "the required property unit is missing"),
        ((b",worked_on\n", b",date\n"), "the required property worked_on is missing"),
    ],
)
def test_a_column_that_is_renamed_refuses_the_file_even_if_it_may_be_empty(
    feed, warehouse_dsn, connection, change, reason
):
    name = f"roster_{change[1].strip(b',').decode().strip()}.csv"
    report = land(warehouse_dsn, feed(name, GOOD.replace(*change)))
    assert numbers(report) == (1, 0, 1, 0)
    assert report.by_class == {"CONTRACT_DRIFT": 1}
    [(message,)] = connection.execute(
        "select message from ops.quarantined_record where batch_id = %s",
        [report.batch_id],
    ).fetchall()
    assert reason in message
    [result] = [
        each
        for each in check_sources(warehouse_dsn, "a run")
        if (each.check.suite, each.check.name) == ("workforce", "columns_as_agreed")
    ]
    assert (result.passed, result.severity) == (False, Severity.WARN)


def test_a_file_of_one_row_without_a_column_is_refused_too(feed, warehouse_dsn):
    report = land(warehouse_dsn, feed("roster_one.csv", b"roster_id,unit\n0009,x\n"))
    assert (report.by_class, report.landed) == ({"CONTRACT_DRIFT": 1}, 0)


def test_a_wrong_cell_is_refused_alone(feed, warehouse_dsn):
    text = GOOD + b"0003,ICU,twelve,2026-03-01\n0004,ICU,1E5,2026-03-01\n"
    report = land(warehouse_dsn, feed("roster_cell.csv", text))
    assert numbers(report) == (4, 1, 1, 2)


def test_a_column_too_many_lands_and_is_reported(feed, warehouse_dsn, connection):
    wide = GOOD.replace(b"\n", b",x\n").replace(b"worked_on,x", b"worked_on,badge")
    report = land(warehouse_dsn, feed("roster_wide.csv", wide))
    assert numbers(report) == (2, 2, 0, 0)
    seen = connection.execute(
        "select property, record_count, example_locator from ops.contract_drift"
    ).fetchall()
    assert seen == [("badge", 2, "roster_wide.csv@37")]


def test_csv_by_http_takes_its_cursor_from_a_header(scheduling, feed, warehouse_dsn):
    scheduling.faults = [
        (200, GOOD.replace(b"000", b"100"), [("X-Next", "2")]),
        (200, GOOD.replace(b"000", b"200"), []),
    ]
    source = HttpFeed(
        zone="workforce",
        name="workforce_http",
        endpoint=scheduling.endpoint(),
        path="/v1/roster.csv",
        format=csv_rows("roster", "roster_id"),
        cursor_at="X-Next",
    )
    assert numbers(land(warehouse_dsn, source)) == (4, 4, 0, 0)
    assert scheduling.asked == ["", "2"]
