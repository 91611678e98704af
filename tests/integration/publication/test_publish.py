"""Readers see judged rows only, all of one publication."""

from decimal import Decimal

import psycopg
import pytest

from ledgerline.canonical.errors import GateClosed
from ledgerline.publication.publication import PublicationDelayed, PublicationFailed
from ledgerline.publication.publish import publish
from ledgerline.publication.repository import publications
from ledgerline.quality.repository.candidates import CandidateMissing
from tests.integration.publication.candidates import CHARGE, FEES, MARGIN, MORE, model

pytestmark = pytest.mark.integration


def amounts(warehouse):
    return {row[0]: int(row[2]) for row in warehouse.read("conformed.fct_fee")}


def test_a_publication_shows_the_candidates_and_says_what_it_is(warehouse):
    warehouse.build(FEES)
    published = warehouse.publish()
    assert amounts(warehouse) == {"f1": 10, "f2": 20, "f3": 30}
    assert published.verdict == "PASS"
    assert published.data_hash == warehouse.decision.data_hash
    assert published.decision_id == warehouse.decision.decision_id
    count = published.row_counts["conformed.fct_fee"]
    assert (count.shown, count.added, count.closed) == (3, 3, 0)


def test_only_changed_rows_are_closed_and_added(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.build(MORE)
    count = warehouse.publish().row_counts["conformed.fct_fee"]
    assert (count.shown, count.added, count.closed) == (4, 4, 3)
    assert amounts(warehouse) == {"f1": 11, "f3": 33, "f4": 40, "f5": 50}


def test_an_unchanged_build_changes_no_row(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.build(list(reversed(FEES)))
    assert warehouse.publish().is_unchanged


def test_the_hash_of_the_data_does_not_depend_on_the_session(warehouse):
    warehouse.build(FEES)
    warehouse.execute(
        "alter table candidate_conformed.fct_fee "
        "add column at timestamptz default '2026-03-01 12:00+00', "
        "add column on_date date default '2026-03-02', add column f float8 default 0.1"
    )
    warehouse.pass_gate()
    first = warehouse.decision.data_hash
    name = psycopg.conninfo.conninfo_to_dict(warehouse.dsn)["dbname"]
    warehouse.execute(
        f"alter database {name} set timezone = 'Asia/Tokyo';"
        f"alter database {name} set datestyle = 'German';"
        f"alter database {name} set extra_float_digits = -5"
    )
    try:
        warehouse.pass_gate()
        assert warehouse.decision.data_hash == first
    finally:
        warehouse.execute(f"alter database {name} reset all")


def test_a_block_publishes_nothing(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.build(MORE)
    with pytest.raises(GateClosed, match="is BLOCK"):
        warehouse.publish(failed={"gx/conformed.fct_fee/key_unique"})
    assert amounts(warehouse) == {"f1": 10, "f2": 20, "f3": 30}
    assert warehouse.execute("select count(*) from ops.publication") == [(1,)]


def test_a_check_that_was_not_evaluated_publishes_nothing(warehouse):
    warehouse.build(FEES)
    with pytest.raises(GateClosed, match="is BLOCK"):
        warehouse.publish(without={"control/ehr/contracted_quarantine"})
    assert warehouse.decision.evaluated_count < warehouse.decision.required_count


def test_a_hold_leaves_the_facility_as_it_was_and_publishes_the_rest(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    before = [row for row in warehouse.read("conformed.fct_fee") if row[1] == "LGH"]
    warehouse.build(MORE)
    published = warehouse.publish(held=["LGH"])
    assert published.verdict == "HOLD"
    assert published.held_facilities == ("LGH",)
    assert amounts(warehouse) == {"f1": 11, "f3": 30, "f5": 50}
    after = [row for row in warehouse.read("conformed.fct_fee") if row[1] == "LGH"]
    assert after == before
    margins = {row[1]: row[2] for row in warehouse.read("marts.margin")}
    assert margins == {"MVH": Decimal(11), "LGH": Decimal(30), "NRC": Decimal(50)}


def test_a_held_facility_is_published_once_it_is_sound_again(warehouse):
    warehouse.build(FEES)
    warehouse.publish(held=["LGH"])
    assert amounts(warehouse) == {"f1": 10, "f2": 20}
    warehouse.publish()
    assert amounts(warehouse) == {"f1": 10, "f2": 20, "f3": 30}


@pytest.mark.parametrize("moved", [("f1", "LGH", 10), ("f3", "MVH", 30)])
def test_a_row_that_moves_to_or_from_a_held_facility_stays(warehouse, moved):
    warehouse.build(FEES)
    warehouse.publish()
    warehouse.build([moved, *(fee for fee in FEES if fee[0] != moved[0])])
    warehouse.publish(held=["LGH"])
    shown = {row[0]: row[1] for row in warehouse.read("conformed.fct_fee")}
    assert shown == {"f1": "MVH", "f2": "MVH", "f3": "LGH"}


def test_rows_that_changed_after_the_verdict_are_refused(warehouse):
    warehouse.build(FEES)
    run_id = warehouse.pass_gate()
    warehouse.execute("update candidate_conformed.fct_fee set amount = amount + 1")
    with pytest.raises(GateClosed, match="other rows"):
        publish(warehouse.dsn, run_id, warehouse.path)
    assert warehouse.execute("select count(*) from ops.publication") == [(0,)]


def test_a_relation_added_after_the_verdict_is_refused(warehouse):
    warehouse.build(FEES)
    warehouse.describe(CHARGE)
    run_id = warehouse.pass_gate()
    warehouse.describe(CHARGE, MARGIN)
    with pytest.raises(GateClosed, match="other rows"):
        publish(warehouse.dsn, run_id, warehouse.path)


def test_an_older_decision_is_refused(warehouse):
    warehouse.build(FEES)
    old = warehouse.pass_gate()
    warehouse.pass_gate()
    with pytest.raises(GateClosed, match="not the newest"):
        publish(warehouse.dsn, old, warehouse.path)


def test_a_run_without_a_decision_is_refused(warehouse):
    warehouse.build(FEES)
    with pytest.raises(GateClosed, match="has no gate decision"):
        publish(warehouse.dsn, "another run", warehouse.path)


def test_publishing_again_returns_what_was_published(warehouse):
    warehouse.build(FEES)
    run_id = warehouse.pass_gate()
    first = publish(warehouse.dsn, run_id, warehouse.path)
    assert publish(warehouse.dsn, run_id, warehouse.path) == first
    warehouse.build(MORE)
    with pytest.raises(GateClosed, match="other rows"):
        publish(warehouse.dsn, run_id, warehouse.path)


def test_a_candidate_that_was_not_built_is_named(warehouse):
    warehouse.build(FEES)
    run_id = warehouse.pass_gate()
    warehouse.execute("drop table candidate_marts.margin")
    with pytest.raises(CandidateMissing, match=r"candidate_marts\.margin"):
        publish(warehouse.dsn, run_id, warehouse.path)


def test_a_model_with_an_empty_facility_is_published_under_a_hold(warehouse):
    warehouse.build(FEES)
    warehouse.execute(
        "create table candidate_conformed.extra as select 1 as id, null::text as "
        "facility_code, 'x' as word"
    )
    extra = model("candidate_conformed", "extra", ["id"], {})
    warehouse.describe(CHARGE, MARGIN, extra)
    warehouse.publish(held=["LGH"])
    assert warehouse.read("conformed.extra") == [(1, None, "x")]


def test_an_error_of_the_database_shows_no_value_and_publishes_nothing(warehouse):
    warehouse.build([("ZZPHI-Jane-Roe", "MVH", 10), ("ZZPHI-Jane-Roe", "MVH", 20)])
    with pytest.raises(PublicationFailed) as failed:
        warehouse.publish()
    assert "ZZPHI" not in str(failed.value)
    assert failed.value.__suppress_context__
    assert "UniqueViolation" in str(failed.value)
    assert warehouse.execute("select count(*) from ops.publication") == [(0,)]


def test_a_second_publication_waits_for_its_turn(warehouse, monkeypatch):
    monkeypatch.setattr(publications, "LOCK_TIMEOUT", "100ms")
    warehouse.build(FEES)
    run_id = warehouse.pass_gate()
    with (
        publications.exclusive(warehouse.dsn),
        pytest.raises(PublicationDelayed, match="run it again"),
    ):
        publish(warehouse.dsn, run_id, warehouse.path)
    assert publish(warehouse.dsn, run_id, warehouse.path).row_counts
