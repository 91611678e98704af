"""Two people let a failed check pass: for exactly its rows, for a day, once."""

import io

import psycopg
import pytest
from rich.console import Console

from ledgerline.operations.gate.show import print_gate
from ledgerline.operations.requests.decide import approve, ask
from ledgerline.operations.requests.request import RequestRefused
from ledgerline.quality.gate import decide
from ledgerline.store.engine import connect
from tests.integration.posting.people import behind_the_rules, wanted
from tests.integration.quality.network import healthy

pytestmark = pytest.mark.integration
HELD = "gx/conformed.fct_encounter/encounters_without_charges@LGH"
BLOCKED = "gx/conformed.fct_claim/claimed_charges_differ_from_source"


def with_a_held_facility(network):
    """LGH bills 10 of 25 finished encounters; MVH bills all."""
    network.map_billing("MVH", "LGH")
    network.bill("MVH", network.encounters("MVH", 25))
    network.bill("LGH", network.encounters("LGH", 25)[:10])
    return network.judge()


def with_a_blocked_check(network):
    healthy(network)
    network.execute(
        "update candidate_conformed.fct_claim set submitted_charge_amount = 99.99 "
        "where claim_id = 'claim-MVH-2026-01-0'"
    )
    return network.judge()


def again(network):
    """Decide once more over the same results, as a cleared task does."""
    return decide(network.dsn, f"run-{network.runs}", network.path)


def waive(network, check):
    number = ask(network.dsn, wanted("waive_check", check))
    approve(network.dsn, number, "Bo")
    return number


@pytest.mark.parametrize(
    ("make", "check"),
    [(with_a_held_facility, HELD), (with_a_blocked_check, BLOCKED)],
)
def test_a_waived_check_only_warns_and_only_once(network, make, check):
    network.judge()
    closed = make(network)
    assert closed.verdict != "PASS"
    number = waive(network, check)
    opened = again(network)
    assert (opened.verdict, opened.held_facilities) == ("PASS", ())
    assert [(r["effect"], r["waiver"]) for r in opened.reasons if "waiver" in r] == [
        ("warn", number)
    ]
    assert again(network).verdict == closed.verdict
    assert again(network).verdict == closed.verdict
    number = waive(network, check)
    assert number in {r.get("waiver") for r in again(network).reasons}


def test_a_waiver_of_one_check_leaves_the_others_closed_and_is_not_spent(network):
    network.map_billing("MVH", "LGH")
    network.bill("MVH", network.encounters("MVH", 25))
    network.bill("LGH", network.encounters("LGH", 25)[:10])
    network.execute("truncate candidate_conformed.fct_claim")
    assert network.judge().verdict == "BLOCK"
    waive(network, HELD)
    assert again(network).verdict == "BLOCK"
    spent = "select count(*) from ops.request_use"
    assert network.execute(spent) == [(0,)]


def test_other_rows_are_not_let_pass(network):
    with_a_held_facility(network)
    waive(network, HELD)
    network.encounters("MVH", 1, "2026-02")
    assert network.judge().verdict == "HOLD"


def test_a_waiver_ends_with_its_day(network):
    with_a_held_facility(network)
    waive(network, HELD)
    behind_the_rules(
        network.dsn,
        "update ops.request set requested_at = requested_at - interval '24 hours'",
    )
    assert again(network).verdict == "HOLD"


def test_who_asked_does_not_let_it_pass_and_another_decision_asks_anew(network):
    with_a_held_facility(network)
    number = ask(network.dsn, wanted("waive_check", HELD))
    with pytest.raises(RequestRefused, match="another person approves it"):
        approve(network.dsn, number, "ann")
    network.encounters("MVH", 1, "2026-02")
    network.judge()
    with pytest.raises(RequestRefused, match="is not as it was"):
        approve(network.dsn, number, "Bo")


@pytest.mark.parametrize("check", ["gx/x/y", HELD.replace("LGH", "MVH"), "others"])
def test_only_a_failed_check_of_the_newest_decision_is_waived(network, check):
    with_a_held_facility(network)
    with pytest.raises(RequestRefused, match="is no failed check of the newest"):
        ask(network.dsn, wanted("waive_check", check))


def test_what_could_not_be_evaluated_is_not_waived(network):
    healthy(network)
    network.execute("drop table candidate_conformed.fct_claim")
    decision = network.judge()
    for reason in decision.reasons:
        with pytest.raises(RequestRefused, match="is no failed check of the newest"):
            ask(network.dsn, wanted("waive_check", reason["check"]))


def test_the_database_lets_no_decision_claim_a_waiver_that_nobody_gave(network):
    with_a_held_facility(network)
    with pytest.raises(psycopg.errors.CheckViolation, match="REQUEST_NEEDED"):
        network.execute(
            "insert into ops.gate_decision (run_id, gate, verdict, data_hash, "
            "suite_hash, evaluated_count, required_count, code_version, reasons) "
            "values ('r', 'publication', 'PASS', 'd', 's', 1, 1, 'c', %s)",
            [f'[{{"check": "{HELD}", "facility": null, "waiver": 1}}]'],
        )


def test_the_database_lets_no_decision_name_another_waiver_than_the_one_given(network):
    with_a_held_facility(network)
    number = waive(network, HELD)
    check, _, facility = HELD.partition("@")
    claimed = f'[{{"check": "{check}", "facility": "{facility}", "waiver": %s}}]'
    decided = (
        "insert into ops.gate_decision (run_id, gate, verdict, data_hash, suite_hash, "
        "evaluated_count, required_count, code_version, reasons) "
        "select run_id, gate, 'PASS', data_hash, suite_hash, 1, 1, 'c', %s "
        "from ops.gate_decision order by decision_id desc limit 1"
    )
    with pytest.raises(psycopg.errors.CheckViolation, match="REQUEST_NEEDED"):
        network.execute(decided, [claimed % (number + 1)])
    network.execute(decided, [claimed % number])


def screen(network):
    out = Console(file=io.StringIO(), width=400, highlight=False)
    with connect(network.dsn) as connection:
        print_gate(out, connection)
    return out.file.getvalue()


def flat(text):
    return " ".join(text.replace("│", " ").replace("┃", " ").split())


def test_the_screen_says_what_is_held_why_since_when_and_what_to_do(network):
    with_a_held_facility(network)
    shown = flat(screen(network))
    assert "is HOLD (held: LGH): all but the held facilities may be published" in shown
    assert "15 of 25 finished encounters have no billed charge" in shown
    for words in ("80 % billed", "set 2026-11-22", "data engineering"):
        assert words in shown
    assert f"`ledgerline gate waive '{HELD}' --by NAME --reason WHY`" in shown


def test_the_screen_names_what_was_not_evaluated(network):
    healthy(network)
    decision = network.judge()
    behind_the_rules(
        network.dsn, "delete from ops.check_result where check_name = 'key_unique'"
    )
    assert decision.verdict == "PASS"
    assert again(network).verdict == "BLOCK"
    shown = flat(screen(network))
    assert "gx/conformed.fct_claim/key_unique" in shown
    assert "not evaluated" in shown
    assert "nothing is published or posted; readers keep what they see" in shown
    assert "First: gx/conformed.fct_charge/key_unique was not evaluated" in shown


def test_the_screen_says_who_let_a_check_pass(network):
    with_a_held_facility(network)
    number = waive(network, HELD)
    assert again(network).verdict == "PASS"
    assert f"waived by request {number}" in flat(screen(network))
