"""Whoever looks at an exception is told what to do."""

import pytest

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.operations.exceptions import NEXT_STEPS, next_step


@pytest.mark.parametrize("refusal_class", list(RefusalClass))
def test_every_class_has_a_next_step(refusal_class):
    assert next_step(refusal_class.value).endswith(".")


def test_a_class_of_a_later_version_has_general_advice():
    assert "owner" in next_step("SOMETHING_NEW")


def test_steps_are_given_for_classes_that_exist():
    assert set(NEXT_STEPS) <= set(RefusalClass)
