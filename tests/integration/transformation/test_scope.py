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


def test_a_full_build_follows_every_few_days_where_it_is_asked_for(warehouse_dsn):
    scope.open_scope(warehouse_dsn, PROJECT)
    finish(warehouse_dsn)
    for days in (0, 1):
        with psycopg.connect(warehouse_dsn) as connection:
            connection.execute(f"update build.state set full_on = full_on - {days}")
        assert scope.open_scope(warehouse_dsn, PROJECT, full_every_days=2).is_increment
        finish(warehouse_dsn)
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute("update build.state set full_on = full_on - 1")
    assert scope.open_scope(warehouse_dsn, PROJECT).is_increment, "events do not wait"
    finish(warehouse_dsn)
    found = scope.open_scope(warehouse_dsn, PROJECT, full_every_days=2)
    assert (found.is_increment, found.reason) == (
        False,
        "the last full build was 2 days ago",
    )
    finish(warehouse_dsn)
    assert scope.open_scope(warehouse_dsn, PROJECT, full_every_days=2).is_increment


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


LANDED = """
with batch as (
    insert into ops.landing_batch (source) values ('test') returning batch_id
),
file as (
    insert into raw_{zone}.file (batch_id, name, content_sha256, size_bytes, format)
    select batch_id, 'test', '', 0, 'json' from batch returning file_id, batch_id
)
insert into raw_{zone}.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select file_id, batch_id, '{kind}', n, sha256('{kind}'::bytea), 0, 0, {body}
from file cross join generate_series(1, {count}) as n
"""


def land(dsn, zone, kind, body, count=1):
    with psycopg.connect(dsn) as connection:
        connection.execute(LANDED.format(zone=zone, kind=kind, body=body, count=count))


def test_claims_of_a_provider_who_is_told_anew_are_built_again(warehouse_dsn):
    named = "jsonb_build_object('account_number', n, 'attending_npi', 'npi' || n)"
    land(warehouse_dsn, "billing", "837.claim", named, count=20)
    scope.open_scope(warehouse_dsn, PROJECT)
    finish(warehouse_dsn)
    land(
        warehouse_dsn,
        "ehr",
        "Practitioner",
        """'{"identifier": [{"value": "npi7"}]}'::jsonb""",
    )
    assert scope.open_scope(warehouse_dsn, PROJECT).is_increment
    with psycopg.connect(warehouse_dsn) as connection:
        found = connection.execute(
            "select record.body ->> 'attending_npi' from build.scope as scope "
            "inner join raw_billing.record as record using (record_id) "
            "where scope.zone = 'raw_billing'"
        ).fetchall()
    assert found == [("npi7",)]


def test_a_cost_price_dated_ahead_asks_for_a_full_build_on_its_day(warehouse_dsn):
    dated = "jsonb_build_object('date', current_date + 1, 'cost_price', '2.00')"
    land(warehouse_dsn, "erp", "product.cost_price.revision", dated)
    scope.open_scope(warehouse_dsn, PROJECT)
    finish(warehouse_dsn)
    assert scope.open_scope(warehouse_dsn, PROJECT).is_increment
    finish(warehouse_dsn)
    with psycopg.connect(warehouse_dsn) as connection:
        # A day later its day is no longer ahead: nobody can wait for it here.
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "update raw_erp.record set body = body || jsonb_build_object("
            "'date', (body ->> 'date')::date - 1)"
        )
    found = scope.open_scope(warehouse_dsn, PROJECT)
    assert (found.is_increment, found.reason) == (False, "calendar changed")
