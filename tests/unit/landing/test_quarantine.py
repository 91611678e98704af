"""Every class of refusal has an owner; every count balances."""

import pytest

from ledgerline.connectors.formats.record import FileRefused, Refusal, RefusalClass
from ledgerline.landing.quarantine import OWNERS, of_file, of_record
from ledgerline.landing.report import Counts, EquationBroken


def test_every_refusal_class_has_an_owner():
    assert set(OWNERS) == set(RefusalClass)


def test_a_refused_record_is_located_by_file_and_byte():
    refusal = Refusal(
        resource_type="Encounter",
        refusal_class=RefusalClass.PARSE,
        message="the text is not JSON",
        byte_offset=120,
        byte_length=9,
    )
    row = of_record(refusal, "Encounter.ndjson")
    assert (row.locator, row.stage, row.owner) == (
        "Encounter.ndjson@120",
        "parse",
        "interface_team",
    )


def test_a_refused_file_is_located_by_its_name():
    row = of_file(FileRefused(RefusalClass.RESOURCE_LIMIT, "too large"), "bomb.gz")
    assert (row.resource_type, row.locator, row.owner) == (
        "file",
        "bomb.gz",
        "security",
    )


def test_counts_that_do_not_add_up_stop_the_landing():
    assert Counts(received=3, landed=1, quarantined=1, duplicate=1)
    with pytest.raises(EquationBroken, match="nothing was kept"):
        Counts(received=3, landed=1, quarantined=1)
