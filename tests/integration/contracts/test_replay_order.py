"""A replayed record is as old as its file: it never replaces anything newer."""

import pytest

from tests.integration.contracts.row_source import rows
from tests.integration.contracts.yesterday import (
    CURRENT,
    again,
    deliver,
    encounter,
    without,
)

pytestmark = pytest.mark.integration


def test_a_replayed_version_never_replaces_a_newer_one(warehouse_dsn, connection):
    deliver(
        warehouse_dsn, "d1.ndjson", encounter("d", "planned"), reader=without("planned")
    )
    deliver(warehouse_dsn, "d2.ndjson", encounter("d", "finished"))
    assert again(warehouse_dsn).landed == 1
    assert rows(connection, CURRENT, "d") == [("finished", "d2.ndjson")]


def test_a_replayed_version_replaces_what_came_before_it(warehouse_dsn, connection):
    deliver(warehouse_dsn, "e1.ndjson", encounter("e", "planned"))
    deliver(
        warehouse_dsn,
        "e2.ndjson",
        encounter("e", "finished"),
        reader=without("finished"),
    )
    assert again(warehouse_dsn).landed == 1
    assert rows(connection, CURRENT, "e") == [("finished", "e2.ndjson")]


def test_versions_in_one_file_keep_their_order(warehouse_dsn, connection):
    versions = ("planned", "arrived", "finished")
    for refused in versions:
        name = f"f-{refused}"
        deliver(
            warehouse_dsn,
            f"{name}.ndjson",
            *(encounter(name, status) for status in versions),
            reader=without(f'"{refused}"'),
        )
        assert again(warehouse_dsn).landed == 1
        assert rows(connection, CURRENT, name) == [("finished", f"{name}.ndjson")]


def test_content_seen_before_and_replayed_is_as_old_as_its_file(
    warehouse_dsn, connection
):
    deliver(warehouse_dsn, "g1.ndjson", encounter("g", "planned"))
    deliver(warehouse_dsn, "g2.ndjson", encounter("g", "arrived"))
    deliver(
        warehouse_dsn,
        "g3.ndjson",
        encounter("g0"),
        encounter("g", "planned"),
        reader=without("planned"),
    )
    assert rows(connection, CURRENT, "g") == [("arrived", "g2.ndjson")]
    report = again(warehouse_dsn)
    assert (report.replayed, report.landed, report.duplicate) == (1, 0, 1)
    assert rows(connection, CURRENT, "g") == [("planned", "g1.ndjson")]


def test_a_replayed_return_does_not_undo_what_came_after_it(warehouse_dsn, connection):
    deliver(warehouse_dsn, "h1.ndjson", encounter("h", "planned"))
    deliver(
        warehouse_dsn,
        "h2.ndjson",
        encounter("h0"),
        encounter("h", "planned"),
        reader=without("planned"),
    )
    deliver(warehouse_dsn, "h3.ndjson", encounter("h", "finished"))
    report = again(warehouse_dsn)
    assert (report.replayed, report.duplicate) == (1, 1)
    assert rows(connection, CURRENT, "h") == [("finished", "h3.ndjson")]
