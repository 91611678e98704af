"""Increments leave the rows that a full build leaves, also after killed builds."""

import contextlib
import os
import random
import signal
from pathlib import Path

import pytest

from ledgerline.posting.propose import propose
from ledgerline.posting.release import release
from tests.warehouse.changes import CHANGES, REMAPPED
from tests.warehouse.publishing import Publisher
from tests.warehouse.rebuilding import MADE, Warehouse, differences

pytestmark = pytest.mark.integration
SEED = int(os.environ.get("LEDGERLINE_INCREMENT_SEED", "20261128"))
SEQUENCES = int(os.environ.get("LEDGERLINE_INCREMENT_SEQUENCES", "100"))
"""How many accounts have a sequence of changes of their own, landed side by side."""
STEPS = int(os.environ.get("LEDGERLINE_INCREMENT_STEPS", "1"))
ALONE = int(os.environ.get("LEDGERLINE_INCREMENT_ALONE", "0"))
"""How many more increments have the change of one account only."""
KILLS = int(os.environ.get("LEDGERLINE_BUILD_KILLS", "1"))
"""How many times an increment is killed, and the full build that follows it."""
POSTED_STEPS = 2
OUTBOX = """
select natural_key, payload_sha256, total_amount_cents, state from post.entry order by 1
"""
ANOTHER_CASE = """
insert into raw_ehr.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    file_id, batch_id, resource_type, resource_id,
    sha256(convert_to(%(tag)s::text || record_id, 'UTF8')), byte_offset, byte_length,
    body || jsonb_build_object('class', body -> 'class' || '{"code": "OBSENC"}')
from raw_ehr.record
where record_id = (
    select encounter.record_id
    from candidate_conformed.fct_encounter as encounter
    inner join candidate_conformed.fct_charge as charge
        on encounter.encounter_id = charge.encounter_id
    where
        encounter.ms_drg is null
        and encounter.service_month <> charge.service_month
    order by encounter.encounter_id limit 1
)
"""
"""An outpatient with charges of another month than its own becomes another case."""
MODELS = (5, 150)
"""After how many models they are, at least and at most."""
DBT_LEAVES_ITS_LOG = pytest.mark.filterwarnings(
    r"ignore:.*dbt\.log:pytest.PytestUnraisableExceptionWarning"
)
"""It is open until dbt is garbage, where dbt runs in the process of a test."""


@pytest.fixture(scope="module")
def warehouse(built_warehouse, tmp_path_factory):
    print(f"seed {SEED}, {SEQUENCES} sequences of {STEPS} increments, {ALONE} alone")
    target = tmp_path_factory.mktemp("increments")
    return Warehouse(built_warehouse.dsn, target, random.Random(SEED), SEQUENCES)


def test_increments_leave_what_a_full_build_leaves(warehouse):
    for step in range(STEPS + ALONE):
        if step < STEPS:
            warehouse.land()
            happened = warehouse.change(warehouse.accounts)
        else:
            happened = warehouse.change(warehouse.chance.sample(warehouse.accounts, 1))
        scope = warehouse.build()
        print(scope)
        assert scope.is_increment, scope
        found = warehouse.rows()
        assert not differences(found, warehouse.rows_of_a_full_build()), happened


def test_an_increment_of_nothing_leaves_every_row_where_it_lies(warehouse):
    places = warehouse.places()
    assert warehouse.build().is_increment
    assert warehouse.changed() == set()
    assert warehouse.places() == places


def test_what_reads_nothing_that_changed_is_left(warehouse):
    warehouse.happen(CHANGES["cost booked"], ANOTHER_CASE)
    places = warehouse.places()
    assert warehouse.build().is_increment
    assert {"fct_gl_entry", "fct_encounter"} <= warehouse.changed()
    left = ["candidate_conformed.fct_claim", "candidate_marts.supply_utilization"]
    found = warehouse.places()
    assert [found[name] for name in left] == [places[name] for name in left]
    assert not differences(warehouse.rows(), warehouse.rows_of_a_full_build())


def test_what_tells_the_day_is_made_again_on_another_day(warehouse):
    before = warehouse.rows()
    warehouse.happen(
        "delete from candidate_conformed.dim_date where calendar_date = current_date",
        """
        update build.state
        set marks = marks || jsonb_build_object('day', (marks ->> 'day')::integer - 1)
        """,
    )
    assert warehouse.build().is_increment
    assert warehouse.changed() == {"dim_date"}
    assert not differences(warehouse.rows(), before)


@DBT_LEAVES_ITS_LOG
def test_an_increment_by_plan_leaves_what_dbt_leaves(warehouse):
    for count in (1, len(warehouse.accounts)):
        happened = warehouse.change(warehouse.chance.sample(warehouse.accounts, count))
        with warehouse.copy():
            results = warehouse.build_stages(by_plan=False)
            rows = warehouse.rows(MADE)
        assert warehouse.build_stages(by_plan=True) == results
        assert not differences(warehouse.rows(MADE), rows), happened


@DBT_LEAVES_ITS_LOG
def test_a_build_after_killed_ones_leaves_what_an_undisturbed_one_leaves(
    warehouse, warehouse_server
):
    publisher = Publisher(warehouse.dsn)
    publisher.publish()
    shown = publisher.shown()
    happened = warehouse.change(warehouse.chance.sample(warehouse.accounts, 1))
    found = []
    for turn in range(KILLS):
        with warehouse.copy():
            for is_increment in (True, False):
                scope, process = warehouse.begin(warehouse.chance.randint(*MODELS))
                assert scope.is_increment == is_increment, scope
                assert publisher.shown() == shown
                if is_increment == turn % 2:
                    kill_server(warehouse_server)
                process.kill()
                process.communicate()
                assert publisher.shown() == shown
            assert not warehouse.build().is_increment
            assert publisher.shown() == shown
            found.append(warehouse.rows())
    assert warehouse.build().is_increment
    undisturbed = warehouse.rows()
    for rows in found:
        assert not differences(rows, undisturbed), happened


@pytest.mark.long
def test_increments_go_on_after_codes_were_mapped_anew(warehouse):
    warehouse.change(warehouse.accounts)
    for code_set in ("department", "payer"):
        warehouse.happen(REMAPPED, code_set=code_set)
    scope = warehouse.build()
    assert not scope.is_increment
    assert "reference.crosswalk" in scope.reason
    happened = warehouse.change(warehouse.accounts)
    assert warehouse.build().is_increment
    found = warehouse.rows()
    assert not differences(found, warehouse.rows_of_a_full_build()), happened


@pytest.mark.long
def test_increments_post_what_full_builds_post(warehouse):
    with warehouse.copy():
        expected = documents(warehouse, is_full=True)
    assert documents(warehouse, is_full=False) == expected
    assert len(set(map(len, expected))) > 1, "changes ask for more documents"


def documents(warehouse, *, is_full):
    """The outbox after every step of a life that the seed decides."""
    warehouse.chance = random.Random(SEED)
    publisher, found = Publisher(warehouse.dsn), []
    for step in range(POSTED_STEPS + 1):
        if step:
            warehouse.land()
            warehouse.change(warehouse.accounts)
            scope = warehouse.build(is_full=is_full)
            assert scope.is_increment != is_full, scope
        publisher.publish()
        propose(warehouse.dsn)
        release(warehouse.dsn)
        assert propose(warehouse.dsn).proposed == 0, "each document once"
        found.append(publisher.execute(OUTBOX))
    return found


def kill_server(server):
    """Kill every process of PostgreSQL, and start it again."""
    postmaster = (server.data / "postmaster.pid").read_text().split()[0]
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[stat.parent.name] = stat.read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
    children = [pid for pid, parent in parents.items() if parent == postmaster]
    for pid in (postmaster, *children):
        with contextlib.suppress(ProcessLookupError):  # it saw the postmaster die
            os.kill(int(pid), signal.SIGKILL)
    server.start()
