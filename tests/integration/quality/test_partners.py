"""Data without a partner is normal, unless a facility that bills through us lost it."""

import pytest

from tests.integration.quality.network import effects

pytestmark = pytest.mark.integration


def test_ehr_alone_is_normal(network):
    network.map_billing("MVH")
    network.encounters("MVH", 30)
    assert network.judge().verdict == "PASS"


def test_billing_alone_is_normal(network):
    network.map_billing("MVH")
    network.bill("MVH", [f"e{i}" for i in range(30)])
    network.pay("MVH", 30)
    assert network.judge().verdict == "PASS"


def test_sources_without_partner_are_reported_and_published(network):
    network.encounters("unmapped", 30)
    network.bill("unmapped", [f"other-{i}" for i in range(30)])
    network.pay("unmapped", 30, orphans=30)
    decision = network.judge()
    assert decision.verdict == "PASS"
    assert ("encounters_without_partner", "warn", None) in effects(decision)


def test_a_facility_whose_charges_are_missing_is_held_alone(network):
    network.map_billing("MVH", "LGH")
    network.bill("MVH", network.encounters("MVH", 25))
    network.encounters("LGH", 25)
    network.pay("LGH", 25, orphans=25)
    decision = network.judge()
    assert decision.verdict == "HOLD"
    assert decision.held_facilities == ("LGH",)
    (reason,) = [
        r for r in decision.reasons if r["check"].endswith("encounters_without_charges")
    ]
    assert reason["observed"] == (
        "2026-01: 25 of 25 finished encounters have no billed charge"
    )
    (payments,) = [
        r for r in decision.reasons if r["check"].endswith("remittances_without_claims")
    ]
    assert (payments["effect"], payments["facility"]) == ("hold", "LGH")
    assert payments["observed"] == (
        "25 of 25 payments, 1500.00 USD, answer a claim that never landed"
    )


@pytest.mark.parametrize(
    ("encounters", "billed", "verdict"),
    [(25, 20, "PASS"), (25, 19, "HOLD"), (19, 0, "PASS"), (20, 0, "HOLD")],
)
def test_a_month_is_held_above_a_fifth_of_twenty_encounters(
    network, encounters, billed, verdict
):
    network.map_billing("MVH", "LGH")
    network.bill("MVH", network.encounters("MVH", 1))
    network.bill("LGH", network.encounters("LGH", encounters)[:billed])
    assert network.judge().verdict == verdict


def test_charges_that_only_the_ehr_posted_do_not_count_as_billed(network):
    network.map_billing("MVH", "LGH")
    network.bill("MVH", network.encounters("MVH", 25))
    posted = network.encounters("LGH", 25)
    network.execute(
        "insert into candidate_conformed.fct_charge select 'dft|' || name, null, name, "
        "1, 'LGH', 'cardiovascular', 'unbilled', 7, '2026-01-03', '2026-01-01', false "
        "from unnest(%s::text[]) as name",
        [posted],
    )
    decision = network.judge()
    assert decision.verdict == "HOLD"
    assert decision.held_facilities == ("LGH",)


def test_the_week_before_the_newest_charge_may_still_be_unbilled(network):
    network.map_billing("MVH")
    billed, *_ = network.encounters("MVH", 30)
    network.bill("MVH", [billed], day="2026-01-09")
    assert network.judge().verdict == "PASS"
