"""An event asks for a build once, until one begins."""

import hashlib
import itertools
import json
from pathlib import Path

import psycopg
import pytest

from ledgerline.connectors import ehr_folder, x12_folder
from ledgerline.events.fold import fold_visits
from ledgerline.events.workflow.handle import handle_events
from ledgerline.landing.inbox.source import InboxSource
from ledgerline.landing.land import land
from ledgerline.transformation import scope
from tests.integration.landing.folder_source import ENCOUNTER, MESSAGES, endpoint
from tests.unit.connectors.formats.hl7v2_text import adt

pytestmark = pytest.mark.integration
NUMBERS = itertools.count()
PROJECT = Path(__file__).parents[3] / "dbt_project"
MAIL = (
    "insert into raw_ehr.inbox (sender, control_id, content_sha256, peer, bytes)"
    " values ('A', %s, %s, '127.0.0.1', %s)"
)


@pytest.fixture
def deliver(warehouse_dsn):
    """Land one more stay from the inbox, and fold."""

    def land_a_stay():
        number = next(NUMBERS)
        with psycopg.connect(warehouse_dsn) as connection:
            for trigger, at in (("A01", "20260314081500"), ("A03", "20260317113000")):
                pid = f"PID|1||1^^^MVH^MR|||||F||||||||||V{number}^^^MVH^AN"
                message = adt(trigger, f"{trigger}{number}", at, pid=pid, pv1="PV1|1|I")
                key = hashlib.sha256(message).digest()
                connection.execute(MAIL, [f"{trigger}{number}", key, message])
        land(warehouse_dsn, InboxSource(warehouse_dsn))
        fold_visits(warehouse_dsn)

    return land_a_stay


def test_what_waits_is_asked_for_once_until_a_build_begins(warehouse_dsn, deliver):
    deliver()
    assert not scope.request_build(warehouse_dsn), "no build was there to add to"
    scope.open_scope(warehouse_dsn, PROJECT)
    scope.end_stage(warehouse_dsn, is_success=True, is_last=True)
    assert not scope.request_build(warehouse_dsn), "the build has looked at it"
    deliver()
    assert scope.request_build(warehouse_dsn)
    deliver()
    assert not scope.request_build(warehouse_dsn), "the request stands"
    scope.open_scope(warehouse_dsn, PROJECT)
    assert not scope.request_build(warehouse_dsn)
    deliver()
    assert scope.request_build(warehouse_dsn), "it came after the build had begun"


def test_a_request_that_led_to_nothing_is_made_again(warehouse_dsn, deliver):
    scope.open_scope(warehouse_dsn, PROJECT)
    scope.end_stage(warehouse_dsn, is_success=True, is_last=True)
    deliver()
    assert scope.request_build(warehouse_dsn)
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute(
            "update build.state set requested_at = requested_at - interval '1 hour',"
            " started_at = started_at - interval '2 hours'"
        )
    assert scope.request_build(warehouse_dsn)


def test_what_a_killed_build_had_begun_with_is_asked_for_again(warehouse_dsn, deliver):
    deliver()
    scope.open_scope(warehouse_dsn, PROJECT)
    assert not scope.request_build(warehouse_dsn), "a build is under way"
    with psycopg.connect(warehouse_dsn) as connection:
        connection.execute(
            "update build.state set started_at = started_at - interval '31 minutes',"
            " requested_at = requested_at - interval '31 minutes'"
        )
    assert scope.request_build(warehouse_dsn)
    assert not scope.request_build(warehouse_dsn), "the request stands"
    scope.open_scope(warehouse_dsn, PROJECT)
    scope.end_stage(warehouse_dsn, is_success=True, is_last=True)
    assert not scope.request_build(warehouse_dsn), "a build has ended"


def land_an_encounter(dsn, folder):
    subject = {"reference": "Patient/1"}
    text = json.dumps({**ENCOUNTER, "id": "asked", "subject": subject})
    (folder / "encounter.ndjson").write_text(text + "\n")
    land(dsn, ehr_folder.source(endpoint(folder)))


def land_a_remittance(dsn, folder):
    name = "remittance_balanced_with_provider_adjustment.835"
    (folder / name).write_bytes((MESSAGES / name).read_bytes())
    land(dsn, x12_folder.source(endpoint(folder)))


@pytest.mark.parametrize("arrive", [land_an_encounter, land_a_remittance])
def test_what_an_extract_brought_asks_when_its_own_build_does_not_begin(
    warehouse_dsn, tmp_path, arrive
):
    with psycopg.connect(warehouse_dsn) as connection:
        [(before,)] = connection.execute("select count(*) from ops.event").fetchall()
    scope.open_scope(warehouse_dsn, PROJECT)
    scope.end_stage(warehouse_dsn, is_success=True, is_last=True)
    arrive(warehouse_dsn, tmp_path)
    handle_events(warehouse_dsn)
    with psycopg.connect(warehouse_dsn) as connection:
        [(after,)] = connection.execute("select count(*) from ops.event").fetchall()
        assert after == before + 1
        assert not scope.request_build(warehouse_dsn), "its extract's build comes"
        connection.execute(
            "update ops.event set emitted_at = emitted_at - interval '6 minutes'"
        )
    assert scope.request_build(warehouse_dsn)
    scope.open_scope(warehouse_dsn, PROJECT)
    assert not scope.request_build(warehouse_dsn), "the build looks at it"
