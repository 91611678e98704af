"""What the gate makes of claims whose lines do not add up to their totals."""

import pytest

from tests.integration.quality.network import effects, healthy

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("off_by", "expected"), [("0.01", "warn"), ("26.00", "hold"), ("-26.00", "hold")]
)
def test_totals_far_from_their_lines_hold_their_facility(network, off_by, expected):
    """The network bills 25 claims of 100.00 at each facility."""
    healthy(network)
    network.execute(
        "update candidate_conformed.fct_claim "
        "set submitted_charge_amount = submitted_charge_amount + %s "
        "where claim_id = 'claim-MVH-2026-01-0'",
        [off_by],
    )
    network.execute(
        "update raw_billing.record set body = jsonb_set(body, '{charge_amount}', "
        "to_jsonb((100 + %s::numeric)::text)) where body ->> 'claim_id' "
        "= 'claim-MVH-2026-01-0'",
        [off_by],
    )
    decision = network.judge()
    found = effects(decision)
    assert ("claims_unequal_to_their_lines", "warn", None) in found
    held = ("claims_far_from_their_lines", "hold", "MVH") in found
    assert (decision.verdict, held) == (
        ("HOLD", True) if expected == "hold" else ("PASS", False)
    )
