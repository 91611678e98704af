"""In an increment a check is asked again only if a row that it reads changed."""

import pytest

from ledgerline.quality.candidates import CARRIED, check_candidates
from ledgerline.quality.gate import decide
from ledgerline.quality.relation import published_relations, read_manifest
from ledgerline.quality.repository.candidates import hash_relations
from ledgerline.quality.repository.following import follow
from ledgerline.store.engine import connect
from tests.integration.quality.network import effects, healthy

pytestmark = pytest.mark.integration

DOUBLED = (
    "insert into candidate_conformed.fct_claim "
    "select * from candidate_conformed.fct_claim limit 1"
)


@pytest.fixture
def followed(network):
    """Judged and followed, as a publication leaves the candidates for an increment."""
    healthy(network)
    first = network.judge()
    assert first.verdict == "PASS"
    follow_all(network)
    return network


def follow_all(network):
    relations = published_relations(read_manifest(network.path))
    with connect(network.dsn) as connection, connection.transaction():
        hashes = hash_relations(connection, relations)
        follow(connection, list(zip(relations, hashes, strict=True)), None)


def carried(network, decision):
    """The checks of the decision's run that were not asked, and the run that asked."""
    found = network.execute(
        "select suite, check_name, observed from ops.newest_check_result "
        "where run_id = %s and status = 'pass' and starts_with(observed, %s)",
        [decision.run_id, CARRIED],
    )
    return {
        (suite, name): observed.removeprefix(CARRIED) for suite, name, observed in found
    }


def test_what_did_not_change_is_carried_over_and_names_the_run_that_asked(followed):
    again = followed.judge()
    found = carried(followed, again)
    assert again.verdict == "PASS"
    assert again.evaluated_count == again.required_count
    assert set(found.values()) == {"run-1"}
    assert ("conformed.fct_claim", "key_unique") in found
    assert ("conformed.fct_charge", "row_floor") in found
    third = followed.judge()
    assert carried(followed, third) == found, "the run that asked, not the one between"


def test_what_reads_a_changed_relation_is_asked_again(followed):
    followed.execute(DOUBLED)
    decision = followed.judge()
    found = carried(followed, decision)
    assert ("key_unique", "block", None) in effects(decision)
    assert not [suite for suite, _ in found if suite == "conformed.fct_claim"]
    assert ("conformed.fct_payment", "key_unique") in found


def test_a_relation_that_another_one_is_compared_with_is_read_too(followed):
    followed.execute(
        "update candidate_conformed.fct_charge set service_line_code = 'x'"
    )
    found = carried(followed, followed.judge())
    read = ("conformed.fct_encounter", "encounters_without_partner")
    assert read not in found
    assert ("conformed.fct_encounter", "key_unique") in found


def test_what_failed_is_asked_until_it_passes(followed):
    followed.execute(DOUBLED)
    for _ in range(2):
        decision = followed.judge()
        assert ("key_unique", "block", None) in effects(decision)
        assert ("conformed.fct_claim", "key_unique") not in carried(followed, decision)


def test_what_compares_with_a_source_is_always_asked(followed):
    followed.land("billing", "835.claim", {"late": {"paid_amount": "1.00"}})
    decision = followed.judge()
    assert ("landed_payments_differ_from_source", "block", None) in effects(decision)


def test_a_floor_that_rose_is_asked_again(followed):
    bodies = {f"late-{n}": {"id": f"late-{n}"} for n in range(3)}
    followed.land("ehr", "Encounter", bodies)
    decision = followed.judge()
    assert ("row_floor", "block", None) in effects(decision)


def test_after_a_full_build_every_check_is_asked(followed):
    followed.execute("delete from build.followed")
    assert carried(followed, followed.judge()) == {}


def test_rows_that_moved_while_they_were_checked_vouch_for_nothing(network):
    healthy(network)
    follow_all(network)
    check_candidates(network.dsn, "moved", network.path)
    changed = "update candidate_conformed.fct_claim set open_amount = open_amount + %s"
    network.execute(changed, [1])
    assert decide(network.dsn, "moved", network.path).verdict == "BLOCK"
    network.execute(changed, [-1])
    assert carried(network, network.judge()) == {}


def test_a_pass_that_no_result_stands_behind_is_not_carried(followed):
    followed.execute("set session_replication_role = replica")
    followed.execute(
        "update ops.check_result set status = 'error' where check_name = 'key_unique'"
    )
    followed.execute("set session_replication_role = origin")
    found = carried(followed, followed.judge())
    assert ("conformed.fct_claim", "claim_id_not_null") in found
    assert ("conformed.fct_claim", "key_unique") not in found
