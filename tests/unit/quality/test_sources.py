"""What landed is judged source by source."""

import pytest

from ledgerline.quality.check import Severity, SourceState, Status
from ledgerline.quality.sources import is_binding, judge_sources, source_checks


def state(source="ehr", **facts):
    return SourceState(
        source=source, newest_batch="complete", complete_batches=1, **facts
    )


def found(states, suite, name):
    (result,) = [
        r
        for r in judge_sources(states)
        if (r.check.suite, r.check.name) == (suite, name)
    ]
    return result


def test_sources_that_were_never_configured_are_fine():
    states = [
        state(landed=(("Encounter", 10),)),
        SourceState(source="billing"),
        SourceState(source="erp"),
    ]
    assert all(result.passed for result in judge_sources(states))


def test_a_network_where_nothing_landed_is_not_published():
    states = [SourceState(source=source) for source in ("ehr", "billing", "erp")]
    result = found(states, "network", "something_landed")
    assert (result.status, result.severity) == (Status.FAIL, Severity.BLOCK)


@pytest.mark.parametrize(
    ("landed", "quarantined", "status"),
    [
        (99, 1, Status.PASS),
        (98, 1, Status.FAIL),
        (100_000, 50, Status.PASS),
        (100_000, 51, Status.FAIL),
        (0, 0, Status.PASS),
        (0, 1, Status.FAIL),
    ],
)
def test_quarantine_closes_a_source_above_one_percent_or_fifty_records(
    landed, quarantined, status
):
    ehr = state(
        landed=(("Encounter", landed),), quarantined=(("Encounter", quarantined),)
    )
    result = found([ehr], "ehr", "contracted_quarantine")
    assert (result.status, result.severity) == (status, Severity.BLOCK)


def test_one_file_with_another_count_than_stated_closes_its_source():
    ehr = state(landed=(("Encounter", 100_000),), miscounted=(("file", 1),))
    result = found([ehr], "ehr", "counts_as_stated")
    assert (result.status, result.severity) == (Status.FAIL, Severity.BLOCK)


def test_quarantine_of_types_outside_the_contract_is_only_reported():
    ehr = state(
        landed=(("Encounter", 10),), quarantined=(("Device", 60), ("Encounter", 0))
    )
    assert found([ehr], "ehr", "contracted_quarantine").passed
    other = found([ehr], "ehr", "other_quarantine")
    assert (other.status, other.severity) == (Status.FAIL, Severity.WARN)
    assert other.failed_count == 60
    assert other.observed == "60 of 60 records quarantined, most of them: 60 Device"


@pytest.mark.parametrize(
    ("source", "kind", "binding"),
    [
        ("ehr", "Encounter", True),
        ("ehr", "Device", False),
        ("ehr", "MedicationAdministration", False),
        ("ehr", "file", True),
        ("ehr", "", True),
        ("billing", "835.transaction", True),
        ("erp", "stock.lot", True),
        ("billing", "834 transaction", False),
        ("billing", "837 transaction", True),
    ],
)
def test_what_cannot_be_told_apart_is_binding(source, kind, binding):
    assert is_binding(source, kind) is binding


def test_a_source_that_never_came_through_blocks():
    erp = SourceState(source="erp", newest_batch="failed")
    result = found([erp], "erp", "landing_complete")
    assert (result.status, result.severity) == (Status.FAIL, Severity.BLOCK)


def test_a_failed_batch_after_good_ones_is_only_reported():
    erp = SourceState(source="erp", newest_batch="failed", complete_batches=3)
    result = found([erp], "erp", "landing_complete")
    assert (result.status, result.severity) == (Status.FAIL, Severity.WARN)


def test_a_batch_that_lost_a_record_blocks():
    result = found([state(unbalanced_batches=1)], "ehr", "landing_balances")
    assert (result.status, result.severity) == (Status.FAIL, Severity.BLOCK)


def test_the_required_checks_do_not_depend_on_what_landed():
    loud = [
        state(source, landed=(("Encounter", 1),), quarantined=(("file", 1),))
        for source in ("ehr", "billing", "erp")
    ]
    assert {result.check for result in judge_sources(loud)} == source_checks()


def test_one_file_with_other_columns_closes_its_source_at_once():
    erp = state("erp", landed=(("party.party", 100_000),), drifted_files=1)
    result = found([erp], "erp", "columns_as_agreed")
    assert (result.status, result.severity) == (Status.FAIL, Severity.BLOCK)
    assert result.failed_count == 1


def test_properties_beyond_the_contracts_are_reported_by_name_and_close_nothing():
    names = tuple(f"party.party.new_{number}" for number in range(5))
    erp = state("erp", unknown_properties=names)
    result = found([erp], "erp", "contract_additions")
    assert (result.status, result.severity) == (Status.FAIL, Severity.WARN)
    assert result.observed == (
        "party.party.new_0, party.party.new_1, party.party.new_2 and 2 more"
    )
    assert found([state("erp")], "erp", "contract_additions").passed


def test_a_zone_that_the_warehouse_does_not_read_blocks_nothing():
    added = state("scheduling", drifted_files=1, unbalanced_batches=1)
    failed = [result for result in judge_sources([added]) if not result.passed]
    assert failed
    assert {
        result.severity for result in failed if result.check.suite == "scheduling"
    } == {Severity.WARN}


@pytest.mark.parametrize("kind", ["ADT", "DFT", "SIU", "PractitionerRole"])
def test_what_the_warehouse_is_built_from_is_binding(kind):
    assert is_binding("ehr", kind)
