"""What a build looks at: an increment only where nothing could change every row."""

from pathlib import Path

import psycopg
import pytest

from ledgerline.transformation import scope

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).parents[3] / "dbt_project"


def finish(dsn, *, is_success=True):
    scope.end_stage(dsn, is_success=True)
    scope.end_stage(dsn, is_success=is_success, is_last=True)


def test_an_increment_follows_a_build_that_succeeded(warehouse_dsn):
    first = scope.open_scope(warehouse_dsn, PROJECT)
    assert not first.is_increment
    finish(warehouse_dsn)
    assert scope.open_scope(warehouse_dsn, PROJECT).is_increment


@pytest.mark.parametrize(
    "ending", ["killed", "first stage failed", "last stage failed"]
)
def test_a_full_build_follows_one_that_did_not_succeed(warehouse_dsn, ending):
    scope.open_scope(warehouse_dsn, PROJECT)
    if ending == "first stage failed":
        scope.end_stage(warehouse_dsn, is_success=False)
    if ending != "killed":
        finish(warehouse_dsn, is_success=ending == "first stage failed")
    found = scope.open_scope(warehouse_dsn, PROJECT)
    assert (found.is_increment, found.reason) == (
        False,
        "the build before did not succeed",
    )


def test_a_change_of_reference_data_asks_for_a_full_build_by_its_name(warehouse_dsn):
    scope.open_scope(warehouse_dsn, PROJECT)
    finish(warehouse_dsn)
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute(
            "insert into reference.facility values ('H', 'Hospital', '2020-01-01')"
        )
    found = scope.open_scope(warehouse_dsn, PROJECT)
    assert (found.is_increment, found.reason) == (False, "reference.facility changed")


def test_without_increments_nothing_is_tied_and_none_can_follow(warehouse_dsn):
    scope.open_full(warehouse_dsn)
    finish(warehouse_dsn)
    found = scope.open_scope(warehouse_dsn, PROJECT)
    assert (found.is_increment, found.reason) == (False, "there is nothing to add to")


def test_a_later_stage_needs_a_first_one(warehouse_dsn):
    finish(warehouse_dsn)
    with pytest.raises(scope.BuildNotBegun, match="run its first stage"):
        scope.require_open(warehouse_dsn)
    scope.open_scope(warehouse_dsn, PROJECT)
    scope.require_open(warehouse_dsn)
