"""What the suites find in candidates, and what the gate makes of it."""

import json
from dataclasses import replace

import pytest

from ledgerline.quality.candidates import check_candidates
from ledgerline.quality.check import Status
from ledgerline.quality.dbt_results import record_dbt_results
from ledgerline.quality.expectations import evaluate
from ledgerline.quality.gate import decide
from ledgerline.quality.relation import Relation
from ledgerline.quality.repository.landed import control_totals
from ledgerline.quality.sources import check_sources
from ledgerline.quality.suite import build_suites
from tests.integration.quality.network import effects, healthy

pytestmark = pytest.mark.integration

CANARY = "ZZPHI-Jane-Roe"


def test_a_healthy_network_passes(network):
    healthy(network)
    decision = network.judge()
    assert (decision.verdict, decision.reasons) == ("PASS", ())
    assert decision.evaluated_count == decision.required_count > 40


def test_an_empty_warehouse_blocks(network):
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert ("something_landed", "block", None) in effects(decision)


def test_a_manifest_that_publishes_nothing_blocks(network):
    healthy(network)
    network.publish()
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert (decision.evaluated_count, decision.required_count) == (0, 0)


def test_an_empty_candidate_blocks_while_its_source_has_rows(network):
    healthy(network)
    network.execute("truncate candidate_conformed.fct_payment")
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert ("row_floor", "block", None) in effects(decision)


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_number_that_is_none_blocks(network, number):
    healthy(network)
    network.execute(
        "alter table candidate_conformed.fct_encounter "
        "alter column drg_weight type numeric"
    )
    network.execute(
        "update candidate_conformed.fct_encounter set drg_weight = %s", [number]
    )
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert ("numbers_finite", "block", None) in effects(decision)


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("update candidate_conformed.fct_claim set claim_id = null", "claim_id_not_nu"),
        (
            "insert into candidate_conformed.fct_claim "
            "select * from candidate_conformed.fct_claim limit 1",
            "key_unique",
        ),
        (
            "update candidate_conformed.fct_claim set submitted_charge_amount = 99.99 "
            "where claim_id = 'claim-MVH-2026-01-0'",
            "claimed_charges_differ_from_source",
        ),
        (
            "update candidate_conformed.fct_charge set charge_amount = 100.01 "
            "where charge_id = 'charge-MVH-2026-01-0'",
            "charge_lines_differ_from_source",
        ),
        (
            "delete from candidate_conformed.fct_claim "
            "where claim_id = 'claim-MVH-2026-01-0'",
            "landed_submissions_missing",
        ),
        (
            "delete from candidate_conformed.fct_claim_submission "
            "where claim_id = 'claim-MVH-2026-01-0'",
            "landed_submissions_missing",
        ),
        (
            "update candidate_conformed.fct_claim_submission set is_in_force = false "
            "where claim_id = 'claim-MVH-2026-01-0'",
            "charge_lines_differ_from_source",
        ),
        (
            "update candidate_conformed.fct_payment set paid_amount = 60.01 "
            "where payment_id = 'pay-MVH-0'",
            "landed_payments_differ_from_source",
        ),
        (
            "insert into candidate_conformed.fct_provider_adjustment "
            "values ('a', 'MVH', 'MVH', 0.01)",
            "remittances_do_not_tie_to_payments",
        ),
        (
            "update candidate_conformed.fct_charge set service_line_code = null",
            "charges_without_service_line",
        ),
    ],
)
def test_lost_or_invented_money_blocks(network, damage, check):
    healthy(network)
    network.execute(damage)
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert any(check in r["check"] for r in decision.reasons)


def test_a_check_that_cannot_be_evaluated_blocks(network):
    healthy(network)
    network.execute("alter table candidate_conformed.fct_payment drop column has_claim")
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    (reason,) = [r for r in decision.reasons if r["status"] == "error"]
    assert reason["check"].endswith("remittances_without_claims")
    assert reason["effect"] == "block"


def test_a_candidate_that_was_not_built_blocks_by_name(network):
    healthy(network)
    network.execute("drop table candidate_conformed.fct_payment")
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert "conformed.fct_payment was not built" in decision.reasons[0]["observed"]


def test_a_suite_that_raises_is_an_error_in_every_check_and_no_other_is(
    network, caplog
):
    nowhere = Relation(
        target_schema="conformed",
        name="fct_nowhere",
        candidate_schema="candidate_conformed",
        key=("nowhere_id",),
    )
    healthy(network)
    payments = replace(nowhere, name="fct_payment", key=("payment_id",))
    columns = {"conformed.fct_nowhere": ["amount"], "conformed.fct_payment": []}
    suites = build_suites([nowhere, payments], columns)
    floors = {each.floor: 1 for suite in suites for each in suite.expectations}
    statuses = evaluate(network.dsn, suites, floors)
    found = {"conformed.fct_nowhere": {}, "conformed.fct_payment": {}}
    for check, status in statuses.items():
        found[check.suite][check.name] = status
    named = ["row_floor", "nowhere_id_not_null", "key_unique", "numbers_finite"]
    assert found["conformed.fct_nowhere"] == dict.fromkeys(named, Status.ERROR)
    assert set(found["conformed.fct_payment"].values()) == {Status.PASS}
    assert "suite conformed.fct_nowhere raised" in caplog.text


def test_rows_that_change_while_they_are_checked_block(network):
    healthy(network)
    check_sources(network.dsn, "run")
    check_candidates(network.dsn, "run", network.path)
    network.execute("update candidate_conformed.fct_encounter set is_counted = false")
    decision = decide(network.dsn, "run", network.path)
    assert decision.verdict == "BLOCK"
    (reason,) = decision.reasons
    assert reason["observed"] == "other rows stand there than were checked"


def test_checks_of_another_run_do_not_count(network):
    healthy(network)
    network.judge()
    decision = decide(network.dsn, "a run without checks", network.path)
    assert (decision.verdict, decision.evaluated_count) == ("BLOCK", 0)


def test_a_retried_check_replaces_what_it_found_before(network):
    healthy(network)
    network.execute("update candidate_conformed.fct_charge set service_line_code = ''")
    check_sources(network.dsn, "run")
    check_candidates(network.dsn, "run", network.path)
    assert decide(network.dsn, "run", network.path).verdict == "BLOCK"
    network.execute("update candidate_conformed.fct_charge set service_line_code = 'x'")
    check_candidates(network.dsn, "run", network.path)
    assert decide(network.dsn, "run", network.path).verdict == "PASS"


def test_dbt_s_tests_are_required_and_decide_too(network, tmp_path):
    healthy(network)
    manifest = json.loads(network.path.read_text())
    manifest["nodes"]["test.l.unique"] = {"resource_type": "test", "config": {}}
    network.path.write_text(json.dumps(manifest))
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert [r["check"] for r in decision.reasons] == ["dbt/test/test.l.unique"]
    run_id, results = f"run-{network.runs}", tmp_path / "run_results.json"
    for status, verdict in [("fail", "BLOCK"), ("warn", "PASS"), ("pass", "PASS")]:
        node = {"unique_id": "test.l.unique", "status": status, "failures": 1}
        results.write_text(json.dumps({"results": [node]}))
        record_dbt_results(network.dsn, run_id, results)
        assert decide(network.dsn, run_id, network.path).verdict == verdict


def test_a_closed_source_blocks(network):
    healthy(network)
    network.execute(
        "insert into ops.quarantined_record (batch_id, source, resource_type, class, "
        "locator, stage, message, owner) select max(batch_id), 'billing', "
        "'837.claim', 'X12', 'file:' || i, 'landing', 'x', 'x' "
        "from ops.landing_batch, generate_series(1, 2) as i group by i"
    )
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    assert ("contracted_quarantine", "block", None) in effects(decision)


def test_events_that_wait_for_their_admission_close_no_gate(network):
    healthy(network)
    network.execute(
        "insert into ops.quarantined_record (batch_id, source, resource_type, class, "
        "locator, stage, message, owner) select max(batch_id), 'ehr', "
        "'Encounter', 'ORDER_WAIT', 'file:' || i, 'fold', 'x', 'x' "
        "from ops.landing_batch, generate_series(1, 99) as i group by i"
    )
    assert network.judge().verdict == "PASS"


def test_no_value_of_a_row_reaches_results_or_decisions(network, capfd, caplog):
    healthy(network)
    network.execute(
        "update candidate_conformed.fct_charge set charge_id = %s, claim_id = %s, "
        "encounter_id = %s, service_line_code = ''",
        [CANARY] * 3,
    )
    network.execute(
        "update candidate_conformed.fct_payment set paid_amount = 7, claim_id = %s",
        [CANARY],
    )
    network.execute("update candidate_conformed.fct_claim set claim_id = %s", [CANARY])
    decision = network.judge()
    assert decision.verdict == "BLOCK"
    recorded = network.execute("select * from ops.check_result")
    decided = network.execute("select * from ops.gate_decision")
    printed = capfd.readouterr()
    for text in (repr(recorded), repr(decided), *printed, caplog.text, repr(decision)):
        assert CANARY not in text
    assert not printed.err


def test_the_floor_of_charges_counts_what_no_later_answer_can_take_away(network):
    def claim(number, frequency="1", group="1"):
        return {
            "claim_id": f"c{number}",
            "frequency_code": frequency,
            "transaction_set": {"group_control_number": group},
            "lines": [{"charge_amount": "1"}, {"charge_amount": "2"}],
        }

    network.land(
        "billing",
        "837.claim",
        {
            "billed": claim(1),
            "replaced": claim(2),
            "replacement": claim(2, "7"),
            "of_no_known_claim": claim(3, "7"),
            "rejected": claim(4),
            "in_a_rejected_group": claim(5, group="2"),
            "with_a_rejected_line": claim(6),
        },
    )
    refused = {"claim_id": "c4", "statuses": [{"category_code": "A7"}]}
    line = {"claim_id": "c6", "lines": [{"statuses": [{"category_code": "A7"}]}]}
    network.land("billing", "277CA.claim", {"a": refused, "c": line})
    group = {"group_control_number": "2", "accept_code": "R", "sets": []}
    network.land("billing", "999.group", {"b": group})
    totals = control_totals(network.connection)
    assert (totals["submissions"], totals["claims"], totals["charges"]) == (7, 5, 2)
