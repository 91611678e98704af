"""What supplies cost against what was expected of them is the truth, to the cent."""

import pytest

from tests.warehouse.test_truth import assert_equal

pytestmark = pytest.mark.integration


def test_every_case_varies_from_its_card_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows(
        "select * from candidate_marts.preference_card_variance"
    )
    columns = (
        *("facility_code", "procedure_code", "provider_id", "card_code"),
        *("card_item_code", "line_kind", "standard_quantity", "used_quantity"),
        *("unused_quantity", "supply_cost", "used_amount", "unused_amount"),
        *("standard_amount", "usage_variance_amount", "price_variance_amount"),
        *("substitution_variance_amount", "unmeasured_amount"),
    )
    true = built_warehouse.true_rows("preference_card_variance")
    assert_equal(found, true, ("encounter_id", "item_code"), columns)
    kinds = {row["line_kind"] for row in found}
    assert kinds == {"standard", "as_needed", "substitute", "off_card", "no_card"}
